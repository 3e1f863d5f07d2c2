using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using Longwire.Transport.Linux.Tests;

namespace Longwire.Client.Tests;

/// <summary>A process that may open no more files: a fresh one each time, as the runtime remembers what it could not load.</summary>
public sealed class DescriptorLimitTests : IAsyncDisposable
{
    private readonly ScriptedServer _accepting = new(static async peer =>
    {
        await peer.AcceptAsync();
        await peer.ReadToEndAsync();
    });

    private readonly ScriptedServer _refusing = new(static async peer =>
    {
        await peer.ReadRequestAsync();
        await peer.SendAsync("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
    });

    private readonly ScriptedServer _leaving = new(static peer => peer.ReadRequestAsync());

    private readonly X509Certificate2 _certificate = ScriptedServer.CreateCertificate();
    private readonly ScriptedServer _distrusted;
    private readonly UnusedPort _unused = new();

    public DescriptorLimitTests() =>
        _distrusted = new ScriptedServer(async peer => await Record.ExceptionAsync(() => peer.StartTlsAsync(_certificate)));

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(3, false)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    public async Task Failing_at_the_limit_is_documented_and_leaves_nothing_behind(int free, bool warm)
    {
        string output = await RunAsync(free, warm);
        Assert.DoesNotContain("unexpected", output, StringComparison.Ordinal);
        string[] full = [.. output.Split('\n').Where(static line => line.StartsWith("full ", StringComparison.Ordinal))];
        Assert.True(full.Length == 5, output);
        Assert.All(full, line => Assert.True(line.Contains("(ulimit -n)", StringComparison.Ordinal) || (free > 0 && warm), output));
        Assert.Contains("free /accepting open", output, StringComparison.Ordinal);
        Assert.Contains("free /refusing The server answered 403", output, StringComparison.Ordinal);
        Assert.Contains("free /leaving The server at", output, StringComparison.Ordinal);
        Assert.Contains("free /unused Nothing listens at", output, StringComparison.Ordinal);
        Assert.Contains("free /distrusted TLS with", output, StringComparison.Ordinal);
        Assert.Contains("UntrustedRoot", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failing_loads_nothing_that_connecting_has_not_loaded()
    {
        string output = await RunAsync(20, warm: true);
        Assert.Contains("full /accepting open", output, StringComparison.Ordinal);
        Assert.Contains("full /refusing The server answered 403", output, StringComparison.Ordinal);
        Assert.Contains("full /distrusted TLS with", output, StringComparison.Ordinal);
        Assert.DoesNotContain("loaded ", output, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _accepting.DisposeAsync();
        await _refusing.DisposeAsync();
        await _leaving.DisposeAsync();
        await _distrusted.DisposeAsync();
        _certificate.Dispose();
        _unused.Dispose();
    }

    private async Task<string> RunAsync(int free, bool warm)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "Longwire.Client.Exhaustion.dll");
        string addresses = string.Join(
            ' ',
            $"ws://127.0.0.1:{_accepting.Port}/accepting",
            $"ws://127.0.0.1:{_refusing.Port}/refusing",
            $"ws://127.0.0.1:{_leaving.Port}/leaving",
            $"ws://127.0.0.1:{_unused.Port}/unused",
            $"wss://127.0.0.1:{_distrusted.Port}/distrusted"
        );
        var start = new ProcessStartInfo("sh") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"ulimit -n 256; exec dotnet '{program}' {free} {warm} {addresses}");
        using Process process = Process.Start(start)!;
        try
        {
            Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(Patience.Long * 3);
            return output + await error;
        }
        finally
        {
            process.Kill();
        }
    }
}
