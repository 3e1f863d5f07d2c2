using System.Reflection;

namespace Longwire.Interop.Tests;

/// <summary>Where the other programs are.</summary>
internal static class Places
{
    public const string Node = "node";

    /// <summary>Debian's, which has the packaged libraries; another python3 may come first in PATH.</summary>
    public const string Python = "/usr/bin/python3";

    public const string Chromium = "/usr/bin/chromium";

    public static string LongwireTool { get; } = Metadata("LongwireTool");

    public static string Peer(string script) => Path.Combine(Metadata("Peers"), script);

    public static string Document(string name) => Path.Combine(Metadata("Documents"), name);

    private static string Metadata(string key) =>
        typeof(Places).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
