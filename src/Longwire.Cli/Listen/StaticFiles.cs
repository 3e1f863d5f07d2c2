using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http;

namespace Longwire.Cli.Listen;

/// <summary>Serves the files of a folder, and nothing that is outside of it: links that lead out are not followed.</summary>
internal sealed partial class StaticFiles
{
    private static readonly Dictionary<string, string> _types = new(StringComparer.OrdinalIgnoreCase)
    {
        [".html"] = "text/html; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".mjs"] = "text/javascript; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".json"] = "application/json",
        [".svg"] = "image/svg+xml",
        [".png"] = "image/png",
        [".jpg"] = "image/jpeg",
        [".ico"] = "image/x-icon",
        [".wasm"] = "application/wasm",
        [".txt"] = "text/plain; charset=utf-8",
    };

    private readonly string _root;

    /// <exception cref="FormatException">There is no such folder.</exception>
    public StaticFiles(string folder) =>
        _root = Directory.Exists(folder)
            ? RealPath(Path.GetFullPath(folder))!
            : throw new FormatException($"There is no folder '{folder}'.");

    public async Task ServeAsync(HttpContext context)
    {
        bool isGet = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        if (!isGet || Find(context.Request.Path.Value ?? "/") is not { } file)
        {
            context.Response.StatusCode = isGet ? StatusCodes.Status404NotFound : StatusCodes.Status405MethodNotAllowed;
            return;
        }

        context.Response.ContentType = _types.GetValueOrDefault(Path.GetExtension(file), "application/octet-stream");
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.ContentLength = new FileInfo(file).Length;
        if (HttpMethods.IsGet(context.Request.Method))
        {
            await context.Response.SendFileAsync(file);
        }
    }

    /// <summary>The file that a path stands for; null for none, one outside, or one whose name begins with a dot.</summary>
    public string? Find(string path)
    {
        string[] parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Any(static part => part.StartsWith('.') || part.AsSpan().ContainsAny('\0', '\\', ':')))
        {
            return null;
        }

        string file = Path.Combine([_root, .. parts]);
        if (path.EndsWith('/') || Directory.Exists(file))
        {
            file = Path.Combine(file, "index.html");
        }

        string? real = File.Exists(file) ? RealPath(file) : null;
        return real is not null && real.StartsWith(_root + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? real : null;
    }

    // Where a path really leads, all links followed; on Windows one with a link leads nowhere.
    private static string? RealPath(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            for (FileSystemInfo? part = new FileInfo(path); part is not null; part = Directory.GetParent(part.FullName))
            {
                if (part.LinkTarget is not null)
                {
                    return null;
                }
            }

            return path;
        }

        nint real = realpath(path, 0);
        if (real == 0)
        {
            return null;
        }

        string text = Marshal.PtrToStringUTF8(real)!;
        free(real);
        return text;
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint realpath(string path, nint resolved);

    [LibraryImport("libc")]
    private static partial void free(nint pointer);
}
