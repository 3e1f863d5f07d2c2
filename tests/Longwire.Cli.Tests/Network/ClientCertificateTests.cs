namespace Longwire.Cli.Tests;

/// <summary>Servers that want a certificate of their clients.</summary>
public sealed class ClientCertificateTests : IAsyncLifetime
{
    private readonly CertificateFiles _client = new();
    private TestEndpoint _server = null!;

    public async ValueTask InitializeAsync() =>
        _server = await TestEndpoint.StartEchoAsync(Certificates.Create(), certificate => certificate.Thumbprint == _client.Thumbprint);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _client.Dispose();
    }

    [Fact]
    public Task One_in_PEM_with_its_key_is_shown() => ExpectAsync(0, "--cert", _client.Certificate, "--key", _client.Key);

    [Fact]
    public Task One_in_PEM_with_an_encrypted_key_is_shown() =>
        ExpectAsync(0, "--cert", _client.Certificate, "--key", _client.EncryptedKey, "--passphrase", CertificateFiles.Passphrase);

    [Fact]
    public Task One_in_PFX_is_shown() => ExpectAsync(0, "--cert", _client.Pfx, "--passphrase", CertificateFiles.Passphrase);

    [Fact]
    public async Task Another_passphrase_is_an_error_of_usage_before_anything_is_connected()
    {
        await ExpectAsync(1, "--cert", _client.Pfx, "--passphrase", "sesame");
        await ExpectAsync(1, "--cert", _client.Certificate, "--key", _client.EncryptedKey, "--passphrase", "sesame");
        await ExpectAsync(1, "--key", _client.Key);
    }

    [Fact]
    public async Task Bench_and_doctor_show_it_too()
    {
        await using ToolRun bench = Start("bench", "-d", "0.2", "-w", "0", "-c", "2", "--cert", _client.Certificate, "--key", _client.Key);
        Assert.True(await bench.EndAsync() == 0, bench.Error.Text);
        await using ToolRun doctor = Start("doctor", "--watch", "0.1", "--cert", _client.Certificate, "--key", _client.Key);
        Assert.True(await doctor.EndAsync() == 0, doctor.Output.Text);
    }

    [Fact]
    public async Task Without_one_or_with_another_one_there_is_no_answer_and_what_to_do_is_told()
    {
        using var other = new CertificateFiles();
        foreach (
            string[] options in (string[][])
                [
                    [],
                    ["--cert", other.Certificate, "--key", other.Key],
                ]
        )
        {
            await using ToolRun connect = Start("connect", ["-x", "hi", .. options]);
            // TLS 1.3 tells a client late, and this server only by the end, that its certificate doesn't please.
            Assert.True(await connect.EndAsync() == ExitCode.NameOrTcp, connect.Error.Text);
            Assert.Contains("--cert", connect.Error.Text, StringComparison.Ordinal);
            await using ToolRun doctor = Start("doctor", ["--watch", "0.1", .. options]);
            Assert.True(await doctor.EndAsync() == ExitCode.NameOrTcp, doctor.Output.Text);
            Assert.Contains("--cert", doctor.Output.Text, StringComparison.Ordinal);
        }
    }

    private async Task ExpectAsync(int exitCode, params string[] options)
    {
        await using ToolRun run = Start("connect", ["-q", "-x", "hi", "--count", "1", .. options]);
        Assert.True(await run.EndAsync() == exitCode, run.Error.Text);
        Assert.Equal(exitCode == 0 ? "hi\n" : "", run.Output.Text);
    }

    private ToolRun Start(string verb, params string[] options) => ToolRun.Start([verb, _server.Address, "-k", .. options]);
}
