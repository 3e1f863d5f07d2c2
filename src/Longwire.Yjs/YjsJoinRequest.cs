using System.Security.Claims;
using Microsoft.AspNetCore.Http;

namespace Longwire.Yjs;

/// <summary>A client wants to open a document.</summary>
public sealed class YjsJoinRequest
{
    internal YjsJoinRequest(string document, HttpContext context)
    {
        Document = document;
        HttpContext = context;
    }

    /// <summary>The document's name.</summary>
    public string Document { get; }

    /// <summary>The handshake's request: its query, cookies and services.</summary>
    public HttpContext HttpContext { get; }

    /// <summary>The request's user.</summary>
    public ClaimsPrincipal User => HttpContext.User;

    /// <summary>The client may read and write.</summary>
    public YjsDecision Accept() => YjsDecision.Writer;

    /// <summary>The client may read, and show its cursor. Its edits are dropped, and it gets one notice of that.</summary>
    public YjsDecision AcceptReadOnly() => YjsDecision.Reader;

    /// <summary>The client may not open the document. It is told why and closed with <see cref="YjsCloseStatus.Refused"/>.</summary>
    /// <param name="reason">Why, for the client; at most 123 bytes of it are in the Close frame.</param>
    public YjsDecision Refuse(string reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        return YjsDecision.Refuse(reason);
    }
}
