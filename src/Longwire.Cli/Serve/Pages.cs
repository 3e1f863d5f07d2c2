using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Longwire.Cli.Serve;

/// <summary>The pages, which lie inside of the program: nothing to build, nothing to deploy.</summary>
internal static class Pages
{
    private const string Prefix = "Pages/";

    // Nothing but this server's own files and sockets; what a chat member writes can't run.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        + "connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void MapPages(this IEndpointRouteBuilder endpoints)
    {
        Assembly assembly = typeof(Pages).Assembly;
        foreach (string resource in assembly.GetManifestResourceNames())
        {
            if (!resource.StartsWith(Prefix, StringComparison.Ordinal))
            {
                continue;
            }

            using Stream stream = assembly.GetManifestResourceStream(resource)!;
            byte[] content = new byte[stream.Length];
            stream.ReadExactly(content);
            string name = resource[Prefix.Length..];
            endpoints.MapMethods(
                Path(name),
                [HttpMethods.Get, HttpMethods.Head],
                context => WriteAsync(context, content, ContentType(name))
            );
        }
    }

    private static string Path(string name) =>
        name switch
        {
            "index.html" => "/",
            _ when name.EndsWith(".html", StringComparison.Ordinal) => "/" + name[..^".html".Length],
            _ => "/" + name,
        };

    private static string ContentType(string name) =>
        System.IO.Path.GetExtension(name) switch
        {
            ".html" => "text/html; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            ".svg" => "image/svg+xml",
            _ => "application/octet-stream",
        };

    private static async Task WriteAsync(HttpContext context, byte[] content, string contentType)
    {
        HttpResponse response = context.Response;
        response.ContentType = contentType;
        response.ContentLength = content.Length;
        response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers.CacheControl = "no-cache";
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.BodyWriter.WriteAsync(content, context.RequestAborted);
        }
    }
}
