using System.Security.Claims;
using System.Text.Json;

namespace Longwire.Hubs;

/// <summary>
/// A client's message of a type the application registered. It is answered once at most; when the handler completes without
/// having answered, a request with an id gets an <c>ack</c>.
/// </summary>
public class HubRequest
{
    private readonly HubCall _call;

    internal HubRequest(HubCall call, string type, string? id, byte[] utf8Json)
    {
        _call = call;
        Type = type;
        Id = id;
        Utf8Json = utf8Json;
    }

    /// <summary>The hub.</summary>
    public Hub Hub => _call.Hub;

    /// <summary>The session that sent it; it is authenticated.</summary>
    public HubSession Session => _call.Session;

    /// <summary>The user, with the claims of the request or of the token; not authenticated for a guest.</summary>
    public ClaimsPrincipal User => _call.User;

    /// <summary>Services in a scope of this call.</summary>
    /// <exception cref="InvalidOperationException">The hub was created without services.</exception>
    public IServiceProvider Services => _call.Services;

    /// <summary>The message's type.</summary>
    public string Type { get; }

    /// <summary>The request's id, if the client gave one.</summary>
    public string? Id { get; }

    /// <summary>The whole message as the client sent it: a JSON object in UTF-8.</summary>
    public ReadOnlyMemory<byte> Utf8Json { get; }

    /// <summary>Parses the whole message. The caller disposes of the document.</summary>
    public JsonDocument Parse() => JsonDocument.Parse(Utf8Json, new JsonDocumentOptions { MaxDepth = Hub.Context.Settings.MaxJsonDepth });

    /// <summary>Answers with a message of the type given; the request's id is added.</summary>
    /// <param name="type">The answer's type.</param>
    /// <param name="writeFields">Writes the other fields; null for none.</param>
    /// <returns>False when the request was answered already, or the client is gone.</returns>
    public bool Reply(string type, Action<Utf8JsonWriter>? writeFields = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(type);
        if (!TryAnswer())
        {
            return false;
        }

        var json = JsonBuffer.Rent(System.Text.Encoding.UTF8.GetBytes(type));
        writeFields?.Invoke(json.Writer);
        ServerMessages.WriteId(json, Id);
        return Session.Answer(json);
    }

    /// <summary>Answers with an error; the request's id is added.</summary>
    /// <param name="error">The error: what it says reaches the client.</param>
    /// <returns>False when the request was answered already.</returns>
    public bool ReplyError(HubError error)
    {
        ArgumentNullException.ThrowIfNull(error);
        if (!TryAnswer())
        {
            return false;
        }

        Hub.Requests.Refusals.Refuse(Session, error, Id);
        return true;
    }

    internal void Acknowledge()
    {
        if (Id is { } id && _call.TryAnswer())
        {
            Session.Answer(ServerMessages.Ack(id));
        }
    }

    private bool TryAnswer() => _call.TryAnswer();
}
