using System.Security.Cryptography;
using System.Text;
using Longwire.Protocol;
using Microsoft.AspNetCore.Http;

namespace Longwire.Cli.Playground;

/// <summary>One file as browsers get it.</summary>
internal sealed class Page(string content, string contentType)
{
    // Nothing but this server's own files and sockets; what a member of a room writes can't run. Images of the chat are blobs.
    // The tester dials any server.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        + "connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private readonly byte[] _content = Encoding.UTF8.GetBytes(content);
    private readonly string _tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)))[..20]}\"";

    public async Task WriteAsync(HttpContext context)
    {
        HttpResponse response = context.Response;
        response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
        response.Headers.XContentTypeOptions = "nosniff";
        // Where it counts for nothing, a browser writes an error to its console: on a page that came in the clear from another machine.
        if (IsTrustworthy(context.Request))
        {
            response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
        }

        response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
        response.Headers["Referrer-Policy"] = "no-referrer";
        // A browser asks each time whether it has the newest, and is answered without the content when it has.
        response.Headers.CacheControl = "no-cache";
        response.Headers.ETag = _tag;
        if (context.Request.Headers.IfNoneMatch.Contains(_tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = contentType;
        response.ContentLength = _content.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.BodyWriter.WriteAsync(_content, context.RequestAborted);
        }
    }

    private static bool IsTrustworthy(HttpRequest request) =>
        request.IsHttps || request.Headers["X-Forwarded-Proto"] == "https" || LoopbackHost.Matches(request.Headers.Host.ToString());
}
