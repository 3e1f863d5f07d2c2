using System.Collections.Concurrent;

namespace Longwire.Interop.Tests;

/// <summary>
/// The peers that are written in Go, each built once in a run of the tests, with Debian's packaged libraries and no others.
/// </summary>
internal static class GoPrograms
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> _programs = new();

    /// <summary>The path of the built program.</summary>
    public static Task<string> GetAsync(string name) =>
        _programs.GetOrAdd(name, static name => new Lazy<Task<string>>(() => BuildAsync(name))).Value;

    private static async Task<string> BuildAsync(string name)
    {
        string program = Places.Built(name);
        await ChildProcess.RunAsync(
            "/usr/bin/env",
            "-C",
            Places.Peer(name),
            "GO111MODULE=off",
            "GOFLAGS=",
            "GOPATH=" + Places.GoLibraries,
            "GOCACHE=" + Places.Built("go-cache"),
            Places.Go,
            "build",
            "-o",
            program,
            "."
        );
        return program;
    }
}
