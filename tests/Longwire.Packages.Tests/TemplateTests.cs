using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Longwire.Packages.Tests;

/// <summary><c>dotnet new longwire-chat</c>, as somebody types it who has the package.</summary>
public sealed class TemplateTests(Feed feed)
{
    private const string Listening = "Now listening on: ";

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_chat_is_made_and_built_and_carries_a_message()
    {
        string hive = Path.Combine(feed.Folder, "hive");
        string package = Path.Combine(feed.PackagesFolder, $"Longwire.Templates.{feed.Version}.nupkg");
        await DotnetCommand.RunAsync(feed.Folder, "new", "install", package, "--debug:custom-hive", hive);
        string[] make = ["new", "longwire-chat", "--output", "Chat", "--no-update-check", "--debug:custom-hive", hive];
        await DotnetCommand.RunAsync(feed.Folder, make);
        string chat = Path.Combine(feed.Folder, "Chat");
        await DotnetCommand.RunAsync(chat, "build", "-warnaserror", "-nodeReuse:false");

        string assembly = Path.Combine("bin", "Debug", "net10.0", "Chat.dll");
        var start = new ProcessStartInfo("dotnet", [assembly, "--urls", "http://127.0.0.1:0"])
        {
            WorkingDirectory = chat,
            RedirectStandardOutput = true,
        };
        using Process server = Process.Start(start)!;
        try
        {
            Uri address = await AddressOfAsync(server).WaitAsync(_patience);
            using var http = new HttpClient();
            Assert.Contains("<title>Chat</title>", await http.GetStringAsync(address).WaitAsync(_patience), StringComparison.Ordinal);
            await TalkAsync(new UriBuilder(address) { Scheme = "ws", Path = "/ws" }.Uri).WaitAsync(_patience);
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync();
        }
    }

    private static async Task<Uri> AddressOfAsync(Process server)
    {
        while (await server.StandardOutput.ReadLineAsync() is { } line)
        {
            int at = line.IndexOf(Listening, StringComparison.Ordinal);
            if (at >= 0)
            {
                return new Uri(line[(at + Listening.Length)..].Trim());
            }
        }

        throw new InvalidOperationException($"The chat ended with {server.ExitCode} before it listened.");
    }

    // The page's messages, and its display.
    private static async Task TalkAsync(Uri uri)
    {
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(uri, CancellationToken.None);
        foreach (
            string request in (string[])
                [
                    """{"type":"auth","token":"none","username":"ann"}""",
                    """{"type":"join-room","room":"general"}""",
                    """{"type":"message","room":"general","content":"hello"}""",
                ]
        )
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(request), WebSocketMessageType.Text, true, CancellationToken.None);
        }

        byte[] buffer = new byte[64 * 1024];
        while (true)
        {
            ValueWebSocketReceiveResult received = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            Assert.Equal(WebSocketMessageType.Text, received.MessageType);
            JsonElement message = JsonSerializer.Deserialize<JsonElement>(buffer.AsSpan(0, received.Count));
            if (message.GetProperty("type").GetString() == "message")
            {
                Assert.Equal("ann", message.GetProperty("username").GetString());
                Assert.Equal("hello", message.GetProperty("message").GetString());
                return;
            }
        }
    }
}
