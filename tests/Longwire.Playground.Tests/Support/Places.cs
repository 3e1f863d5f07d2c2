using System.Reflection;

// LongwireServer, which is shared with the tests of interoperation, asks its own namespace for the tool's place.
namespace Longwire.Interop.Tests;

/// <summary>Where things are.</summary>
internal static class Places
{
    private const string ChromiumWithoutAWindow = "/usr/bin/chromium-headless-shell";

    /// <summary>Where it is there, the one that is built without windows: it takes two thirds of the time.</summary>
    public static string Chromium { get; } = File.Exists(ChromiumWithoutAWindow) ? ChromiumWithoutAWindow : "/usr/bin/chromium";

    public const string Firefox = "/usr/bin/firefox-esr";

    /// <summary>Debian's, which knows the packaged libraries; another python3 may come first in PATH.</summary>
    public const string Python = "/usr/bin/python3";

    public static string LongwireTool { get; } = Metadata("LongwireTool");

    /// <summary>Where the pictures of the pages are kept.</summary>
    public static string Pictures { get; } = Metadata("Pictures");

    public static string Repository(string path) => Path.GetFullPath(Path.Combine(Metadata("Repository"), path));

    private static string Metadata(string key) =>
        typeof(Places).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
