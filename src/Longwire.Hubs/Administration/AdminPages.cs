using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Longwire.Hubs;

/// <summary>The files of the administrator's page, which lie inside of the library.</summary>
internal static class AdminPages
{
    private const string Prefix = "Administration/";

    // Nothing but the page's own files; what people say can't run, and nobody can frame it.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; "
        + "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    /// <summary>The files by name, beside the page itself.</summary>
    public static IEnumerable<string> Names =>
        from name in typeof(AdminPages).Assembly.GetManifestResourceNames()
        where name.StartsWith(Prefix, StringComparison.Ordinal)
        select name[Prefix.Length..];

    /// <summary>Answers with a file.</summary>
    public static RequestDelegate Serve(string name)
    {
        Assembly assembly = typeof(AdminPages).Assembly;
        using Stream resource = assembly.GetManifestResourceStream(Prefix + name)!;
        using var copy = new MemoryStream();
        resource.CopyTo(copy);
        byte[] content = copy.ToArray();
        string type = Path.GetExtension(name) switch
        {
            ".html" => "text/html; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            _ => "text/css; charset=utf-8",
        };
        string tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..20]}\"";
        return context => WriteAsync(context, content, type, tag);
    }

    private static async Task WriteAsync(HttpContext context, byte[] content, string type, string tag)
    {
        HttpResponse response = context.Response;
        response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
        response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
        response.Headers.CacheControl = "no-cache";
        response.Headers.ETag = tag;
        if (context.Request.Headers.IfNoneMatch.Contains(tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = type;
        response.ContentLength = content.Length;
        await response.BodyWriter.WriteAsync(content, context.RequestAborted).ConfigureAwait(false);
    }
}
