using System.Globalization;
using System.Reflection;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Longwire.Cli.Playground;

/// <summary>The pages of <c>apps/playground</c>, which lie inside of the program: nothing to build, nothing to deploy.</summary>
internal static class Pages
{
    private const string FilePrefix = "Pages/";
    private const string ServerPrefix = "Source/";
    private const string Bar = "<!-- bar -->";

    /// <summary>Maps each file, and for each page what it is made of: <c>/source/chat</c>, as text.</summary>
    public static void MapPages(this IEndpointRouteBuilder endpoints)
    {
        SortedDictionary<string, string> files = Read(FilePrefix);
        SortedDictionary<string, string> serverFiles = Read(ServerPrefix);
        string bar = files["common/bar.html"];
        foreach ((string name, string content) in files)
        {
            if (!name.EndsWith(".html", StringComparison.Ordinal))
            {
                endpoints.MapPage("/" + name, new Page(content, TypeOf(name)));
            }
            else if (!name.Contains('/', StringComparison.Ordinal))
            {
                string page = name[..^".html".Length];
                string source = SourceOf(page, files, serverFiles, out int lines);
                endpoints.MapPage("/source/" + page, new Page(source, "text/plain; charset=utf-8"));
                string filled = bar.Replace("{page}", page, StringComparison.Ordinal)
                    .Replace("{lines}", lines.ToString("N0", CultureInfo.InvariantCulture), StringComparison.Ordinal)
                    .Replace($"<a href=\"{page}\">", $"<a href=\"{page}\" aria-current=\"page\">", StringComparison.Ordinal);
                endpoints.MapPage(
                    page == "index" ? "/" : "/" + page,
                    new Page(content.Replace(Bar, filled, StringComparison.Ordinal), TypeOf(name))
                );
            }
        }
    }

    private static void MapPage(this IEndpointRouteBuilder endpoints, string path, Page page) =>
        endpoints.MapMethods(path, ["GET", "HEAD"], page.WriteAsync);

    // A page is its HTML, the files of the folder with its name, and the server's code in the folder with its name.
    private static string SourceOf(
        string page,
        SortedDictionary<string, string> files,
        SortedDictionary<string, string> serverFiles,
        out int lines
    )
    {
        KeyValuePair<string, string>[] parts =
        [
            KeyValuePair.Create(page + ".html", files[page + ".html"]),
            .. files.Where(file => file.Key.StartsWith(page + "/", StringComparison.Ordinal)),
            .. serverFiles.Where(file => file.Key.StartsWith(page + "/", StringComparison.OrdinalIgnoreCase)),
        ];
        var text = new StringBuilder();
        lines = 0;
        foreach ((string name, string content) in parts)
        {
            int count = content.AsSpan().Count('\n');
            lines += count;
            text.Append(CultureInfo.InvariantCulture, $"{name}, {count} lines\n\n{content}\n\n");
        }

        return text.ToString();
    }

    private static SortedDictionary<string, string> Read(string prefix)
    {
        Assembly assembly = typeof(Pages).Assembly;
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string resource in assembly.GetManifestResourceNames())
        {
            if (resource.StartsWith(prefix, StringComparison.Ordinal))
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
                files.Add(resource[prefix.Length..].Replace('\\', '/'), reader.ReadToEnd());
            }
        }

        return files;
    }

    private static string TypeOf(string name) =>
        Path.GetExtension(name) switch
        {
            ".html" => "text/html; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            ".svg" => "image/svg+xml",
            _ => "text/plain; charset=utf-8",
        };
}
