using System.Reflection;

namespace Longwire.Interop.Tests;

/// <summary>Where the other programs are.</summary>
internal static class Places
{
    public const string Node = "node";

    /// <summary>Debian's, which has the packaged libraries; another python3 may come first in PATH.</summary>
    public const string Python = "/usr/bin/python3";

    public const string Chromium = "/usr/bin/chromium";

    public const string Firefox = "/usr/bin/firefox-esr";

    public const string Nginx = "/usr/sbin/nginx";

    public const string HAProxy = "/usr/sbin/haproxy";

    public const string Prometheus = "/usr/bin/prometheus";

    /// <summary>Debian's, which knows the packaged libraries.</summary>
    public const string Go = "/usr/bin/go";

    public const string GoLibraries = "/usr/share/gocode";

    public static string LongwireTool { get; } = Metadata("LongwireTool");

    public static string Peer(string script) => Path.Combine(Metadata("Peers"), script);

    /// <summary>Where what the tests build stands.</summary>
    public static string Built(string name) => Path.Combine(Metadata("Built"), name);

    /// <summary>The document about ends.</summary>
    public static string Endings { get; } = Metadata("Endings");

    public static string Document(string name) => Path.Combine(Metadata("Documents"), name);

    /// <summary>The program of one of the samples.</summary>
    public static string Sample(string name) => Path.Combine(Metadata("Binaries"), name, Metadata("Configuration"), $"{name}.dll");

    /// <summary>The source of one of the samples.</summary>
    public static string SampleSource(string name) => Path.Combine(Metadata("Samples"), name, "Program.cs");

    private static string Metadata(string key) =>
        typeof(Places).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
