using System.Diagnostics;
using System.Net;
using System.Runtime.Versioning;
using System.Text.Json;

namespace Longwire.Cli.Tests;

public sealed class ListenTests
{
    [Fact]
    public async Task An_open_port_is_announced_in_JSON_and_what_clients_say_is_shown()
    {
        await using ToolRun listen = ToolRun.Start("listen", "0");
        string address = AddressIn(await listen.Output.WaitForAsync("\n"));
        await using ToolRun client = ToolRun.Start("connect", address + "room", "-x", "hello", "-w", "0.1");
        Assert.Equal(0, await client.EndAsync());
        await listen.Output.WaitForAsync("}\nhello\n");
        await listen.Error.WaitForAsync("#1 connected from 127.0.0.1 to /room");
        await listen.Error.WaitForAsync("#1 disconnected: 1000");
        Assert.Equal(0, await listen.InterruptAsync());
    }

    [Theory]
    [InlineData("--echo", "from one", "from two")]
    [InlineData("--broadcast", "from one, from two", "from one, from two")]
    [InlineData("--chat", "#2: from two", "#1: from one")]
    public async Task Messages_go_where_the_mode_says(string mode, string first, string second)
    {
        await using ToolRun listen = ToolRun.Start("listen", "0", mode);
        string address = AddressIn(await listen.Output.WaitForAsync("\n"));
        await using WebSocketClientLog one = await WebSocketClientLog.ConnectAsync(address);
        await listen.Error.WaitForAsync("#1 connected");
        await using WebSocketClientLog two = await WebSocketClientLog.ConnectAsync(address);
        await listen.Error.WaitForAsync("#2 connected");
        await one.SendAsync("from one");
        await (mode == "--chat" ? two : one).WaitForAsync(1);
        await two.SendAsync("from two");
        await one.WaitForAsync(first.Split(", ").Length);
        await two.WaitForAsync(second.Split(", ").Length);
        Assert.Equal((first, second), (string.Join(", ", one.Messages), string.Join(", ", two.Messages)));
    }

    [Fact]
    public async Task Typed_lines_go_to_all_and_commands_to_one()
    {
        await using ToolProcess listen = ToolProcess.Start("listen", "0", "--slash");
        string address = AddressIn(await listen.Output.WaitForAsync("\n"));
        await using WebSocketClientLog one = await WebSocketClientLog.ConnectAsync(address);
        await listen.Error.WaitForAsync("#1 connected");
        await using WebSocketClientLog two = await WebSocketClientLog.ConnectAsync(address);
        await listen.Error.WaitForAsync("#2 connected");
        await listen.Input.WriteAsync("to all\n/to 2 to one\n/list\n/close 1 4001 enough\n");
        await listen.Input.FlushAsync();
        await two.WaitForAsync(2);
        await listen.Error.WaitForAsync("#1 disconnected: 4001");
        Assert.Contains("#2 127.0.0.1 /", listen.Error.Text, StringComparison.Ordinal);
        Assert.Equal(["to all", "to one"], two.Messages);
        Assert.Equal(["to all"], one.Messages);
        listen.Signal("INT");
        Assert.Equal(0, await listen.EndAsync());
    }

    [Fact]
    public async Task A_program_gets_messages_as_lines_and_what_the_client_says_in_named_variables_only()
    {
        string file = Path.GetTempFileName();
        try
        {
            await using ToolRun listen = ToolRun.Start(
                "listen",
                "0",
                "--exec",
                "/bin/sh",
                "--",
                "-c",
                "env | grep -v ^LONGWIRE_ | grep -c -e hidden -e '$(' ; echo \"$LONGWIRE_PATH $LONGWIRE_QUERY $LONGWIRE_USER_AGENT\"; while read -r line; do echo \"got $line\"; [ \"$line\" = end ] && exit 0; done"
            );
            string address = AddressIn(await listen.Output.WaitForAsync("\n"));
            await using ToolRun client = ToolRun.Start(
                "connect",
                address + "a;touch%20" + Uri.EscapeDataString(file) + ".made?x=$(hidden)",
                "-H",
                "User-Agent: $(hidden)",
                "-H",
                "X-Shell: () { hidden; }",
                "-q",
                "-x",
                "two\nlines",
                "-x",
                "end",
                "-w",
                "-1"
            );
            Assert.Equal(0, await client.EndAsync());
            string[] lines = client.Output.Text.Split('\n');
            Assert.Equal("0", lines[0]);
            Assert.StartsWith("/a;touch ", lines[1], StringComparison.Ordinal);
            Assert.EndsWith("?x=$(hidden) $(hidden)", lines[1], StringComparison.Ordinal);
            Assert.Equal(["got two lines", "got end"], lines[2..4]);
            Assert.False(File.Exists(file + ".made"));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Files_are_served_from_the_folder_and_nowhere_else()
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("longwire-static-");
        try
        {
            string folder = Path.Combine(directory.FullName, "site");
            Directory.CreateDirectory(Path.Combine(folder, "sub"));
            await File.WriteAllTextAsync(Path.Combine(directory.FullName, "secret.txt"), "secret");
            await File.WriteAllTextAsync(Path.Combine(folder, "index.html"), "the page");
            await File.WriteAllTextAsync(Path.Combine(folder, ".hidden"), "secret");
            File.CreateSymbolicLink(Path.Combine(folder, "out.txt"), Path.Combine(directory.FullName, "secret.txt"));
            File.CreateSymbolicLink(Path.Combine(folder, "sub", "up"), directory.FullName);
            File.CreateSymbolicLink(Path.Combine(folder, "in.html"), Path.Combine(folder, "index.html"));
            await using ToolRun listen = ToolRun.Start("listen", "0", "--echo", "--static", folder);
            var address = new Uri(AddressIn(await listen.Output.WaitForAsync("\n")).Replace("ws:", "http:", StringComparison.Ordinal));
            using var http = new HttpClient { BaseAddress = address };
            Assert.Equal("the page", await http.GetStringAsync(new Uri("/", UriKind.Relative)));
            Assert.Equal("the page", await http.GetStringAsync(new Uri("/in.html", UriKind.Relative)));
            foreach (
                string path in (string[])["/out.txt", "/sub/up/secret.txt", "/.hidden", "/..%2fsecret.txt", "/%2e%2e/secret.txt", "/sub/"]
            )
            {
                using HttpResponseMessage answer = await http.GetAsync(new Uri(path, UriKind.Relative));
                Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            }

            await using ToolRun client = ToolRun.Start("connect", address.Authority, "-q", "-x", "hi", "--count", "1");
            Assert.Equal((0, "hi\n"), (await client.EndAsync(), client.Output.Text));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Foreign_pages_and_foreign_names_for_this_machine_are_refused()
    {
        await using ToolRun listen = ToolRun.Start("listen", "0", "--echo");
        string address = AddressIn(await listen.Output.WaitForAsync("\n"));
        await using ToolRun origin = ToolRun.Start("connect", address, "-o", "https://evil.example", "-x", "hi");
        Assert.Equal(5, await origin.EndAsync());
        await using ToolRun host = ToolRun.Start("connect", address, "--host", "evil.example", "-o", "http://evil.example", "-x", "hi");
        Assert.Equal(5, await host.EndAsync());
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task TLS_is_spoken_with_a_certificate_that_is_made_and_kept()
    {
        DirectoryInfo state = Directory.CreateTempSubdirectory("longwire-state-");
        try
        {
            string? first = null;
            for (int i = 0; i < 2; i++)
            {
                await using ToolProcess listen = ToolProcess.StartWith(
                    new() { ["LONGWIRE_HISTORY"] = Path.Combine(state.FullName, "history") },
                    state.FullName,
                    "listen",
                    "0",
                    "--echo",
                    "--tls"
                );
                string address = AddressIn(await listen.Output.WaitForAsync("\n"));
                string certificate = Path.Combine(state.FullName, "localhost.pem");
                await listen.Error.WaitForAsync($"--ca {certificate}");
                await using ToolRun client = ToolRun.Start("connect", address, "--ca", certificate, "-q", "-x", "hi", "--count", "1");
                Assert.Equal((0, "hi\n"), (await client.EndAsync(), client.Output.Text));
                first ??= await File.ReadAllTextAsync(certificate);
                Assert.Equal(first, await File.ReadAllTextAsync(certificate));
                Assert.Equal(
                    UnixFileMode.UserRead | UnixFileMode.UserWrite,
                    File.GetUnixFileMode(Path.ChangeExtension(certificate, ".key"))
                );
            }
        }
        finally
        {
            state.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Replies_wait_as_long_as_they_are_told_to()
    {
        await using ToolRun listen = ToolRun.Start("listen", "0", "--echo", "--fault", "delay=300ms");
        string address = AddressIn(await listen.Output.WaitForAsync("\n"));
        long began = Stopwatch.GetTimestamp();
        await using ToolRun client = ToolRun.Start("connect", address, "-q", "-x", "hi", "--count", "1");
        Assert.Equal((0, "hi\n"), (await client.EndAsync(), client.Output.Text));
        Assert.True(Stopwatch.GetElapsedTime(began) >= TimeSpan.FromMilliseconds(300));
    }

    [Fact]
    public async Task TCP_ends_at_the_message_that_was_said()
    {
        await using ToolRun listen = ToolRun.Start("listen", "0", "--echo", "--fault", "abort=3");
        string address = AddressIn(await listen.Output.WaitForAsync("\n"));
        for (int i = 0; i < 2; i++)
        {
            WebSocketConnection connection = await WebSocketClient.ConnectAsync(new Uri(address));
            for (int message = 1; message < 3; message++)
            {
                await connection.SendTextAsync($"{message}");
                Assert.Equal($"{message}", (await connection.ReadAsync()).Text);
            }

            await connection.SendTextAsync("3");
            await Assert.ThrowsAsync<WebSocketClosedException>(async () => await connection.ReadAsync());
            Assert.Equal(CloseStatus.Abnormal, connection.CloseStatus);
        }

        await using ToolRun tool = ToolRun.StartWithInput("1\n2\n3\n", "connect", address, "-w", "-1");
        Assert.Equal(ExitCode.NameOrTcp, await tool.EndAsync());
    }

    [Fact]
    public async Task A_pong_has_another_payload_than_its_ping()
    {
        await using ToolRun listen = ToolRun.Start("listen", "0", "--echo", "--fault", "wrong-pong");
        string address = AddressIn(await listen.Output.WaitForAsync("\n"));
        await using ToolRun client = ToolRun.StartWithInput("/ping abc\n/ping\n", "connect", address, "--slash", "-v", "-w", "-1");
        await client.Error.WaitForAsync("> [ping] abc");
        await client.Error.WaitForAsync("< [pong] abb");
        // The rest of the connection is as it should be.
        await using ToolRun other = ToolRun.Start("connect", address, "-q", "-x", "hi", "--count", "1");
        Assert.Equal((0, "hi\n"), (await other.EndAsync(), other.Output.Text));
    }

    [Theory]
    [InlineData("--echo", "--chat")]
    [InlineData("--fault", "often")]
    [InlineData("--static", "/no/such/folder")]
    [InlineData("--host", "example.com")]
    [InlineData("argument")]
    public async Task What_can_not_be_is_explained(params string[] options)
    {
        await using ToolRun run = ToolRun.Start(["listen", "0", .. options]);
        Assert.Equal(1, await run.EndAsync());
        Assert.NotEqual("", run.Error.Text);
    }

    internal static string AddressIn(string output) =>
        JsonDocument.Parse(output.Split('\n')[0]).RootElement.GetProperty("url").GetString()!;
}
