using System.Net.Http.Json;
using System.Text.Json;

namespace Longwire.Interop.Tests;

/// <summary>The document's servers, written with Longwire; the clients that it prints run against them unchanged.</summary>
public sealed class SampleServerTests
{
    [Theory]
    [InlineData("SimpleServer", 12)]
    [InlineData("AdvancedServer", 30)]
    public void It_takes_few_lines(string sample, int most) => Assert.InRange(File.ReadLines(Places.SampleSource(sample)).Count(), 1, most);

    [Fact]
    public async Task The_simple_server_welcomes_tells_of_others_and_carries_chat()
    {
        await using SampleServer server = await SampleServer.StartAsync("SimpleServer");
        await using Page page = await OpenAsync(server, "other");
        JsonElement welcome = await page.WaitForReportAsync("received", "\"welcome\"");
        Assert.Equal("Connected to server", welcome.GetProperty("message").GetString());
        await page.RunAsync($"hosts.set('ws://localhost:8080', '{server.Socket}'); globalThis.Blob = class {{}}; null;");
        await page.RunAsync(DocumentCode.BlockWith("websocket.md", "// Create WebSocket connection"));
        JsonElement chat = await page.WaitForReportAsync("handled", "\"chat\"");
        Assert.Equal("Hello!", chat.GetProperty("message").GetString());
        await page.WaitForReportAsync("received", "\"user-joined\"");
        await page.RunAsync("socket.send(JSON.stringify({ type: 'ping' }))");
        await page.WaitForReportAsync("received", "\"pong\"");
        server.AssertNothingWentWrong();
    }

    [Fact]
    public async Task The_advanced_server_takes_the_token_and_carries_a_rooms_messages()
    {
        await using SampleServer server = await SampleServer.StartAsync("AdvancedServer");
        await using var page = new Page();
        await page.RunAsync(DocumentCode.BlockWith("websocket.md", "class WebSocketClient {").Split("\n// Usage\n")[0]);
        foreach (string name in (string[])["ada", "bob"])
        {
            await page.RunAsync(
                $$"""
                const {{name}} = new WebSocketClient('{{server.Socket}}');
                for (const type of ['auth-success', 'joined-room', 'user-joined', 'message', 'error', 'auth-failed'])
                  {{name}}.on(type, (data) => report('{{name}} ' + type, data));
                {{name}}.on('connect', () => {
                  {{name}}.send({ type: 'auth', token: 'valid-token', username: '{{name}}' });
                  {{name}}.send({ type: 'join-room', room: 'general' });
                });
                """
            );
            await page.WaitForReportAsync($"{name} joined-room", "general");
        }

        await page.WaitForReportAsync("ada user-joined", "\"username\":\"bob\"");
        await page.RunAsync("bob.send({ type: 'message', room: 'general', content: 'Hello' })");
        JsonElement message = await page.WaitForReportAsync("ada message", "Hello");
        Assert.Equal("bob", message.GetProperty("username").GetString());
        await page.RunAsync(
            $$"""
            const eve = new WebSocketClient('{{server.Socket}}', { reconnect: false });
            eve.on('auth-failed', (data) => report('eve auth-failed', data));
            eve.on('connect', () => eve.send({ type: 'auth', token: 'wrong' }));
            """
        );
        JsonElement failed = await page.WaitForReportAsync("eve auth-failed");
        Assert.Equal("Invalid token", failed.GetProperty("message").GetString());
        server.AssertNothingWentWrong();
    }

    [Fact]
    public async Task The_dashboards_client_shows_what_the_server_pushes()
    {
        await using SampleServer server = await SampleServer.StartAsync("Dashboard");
        await using Page page = await OpenAsync(server, "socket");
        await page.RunAsync(
            """
            const updateChart = (name, value) => report(name, value);
            const updateCounter = (name, value) => report(name, value);
            """
        );
        await page.RunAsync(ClientOf("function broadcastMetrics() {", "// Client: Display real-time metrics"));
        Assert.True((await page.WaitForReportAsync("memory")).GetDouble() > 0);
        Assert.Equal(1, (await page.WaitForReportAsync("users")).GetInt32());
        Assert.True((await page.WaitForReportAsync("cpu")).GetDouble() >= 0);
        Assert.Equal(0, (await page.WaitForReportAsync("rps")).GetDouble());
        server.AssertNothingWentWrong();
    }

    [Fact]
    public async Task The_notifications_client_shows_what_a_request_caused()
    {
        await using SampleServer server = await SampleServer.StartAsync("Dashboard");
        await using Page page = await OpenAsync(server, "socket", "?token=ann");
        await page.RunAsync(
            """
            const showNotification = (title, message) => report('shown', { title, message });
            const playNotificationSound = () => report('sound');
            class Notification {
              static permission = 'granted';
              constructor(title, { body }) { report('desktop', { title, body }); }
            }
            null;
            """
        );
        await page.RunAsync(ClientOf("function notifyUser(userId, notification) {", "// Client: Display notifications"));
        await page.WaitForReportAsync("received", "\"metrics\"");
        using var http = new HttpClient { BaseAddress = new Uri(server.Http) };
        foreach (string customer in (string[])["bob", "ann"])
        {
            using HttpResponseMessage response = await http.PostAsJsonAsync("/orders", new { customer, title = $"Tea for {customer}" });
            response.EnsureSuccessStatusCode();
        }

        JsonElement shown = await page.WaitForReportAsync("shown");
        Assert.Equal("Order received", shown.GetProperty("title").GetString());
        Assert.Equal("Tea for ann", shown.GetProperty("message").GetString());
        await page.WaitForReportAsync("sound");
        Assert.Equal("Tea for ann", (await page.WaitForReportAsync("desktop")).GetProperty("body").GetString());
        server.AssertNothingWentWrong();
    }

    [Fact]
    public async Task The_editors_client_gets_the_edits_of_others()
    {
        await using SampleServer server = await SampleServer.StartAsync("Editing");
        await using Page ada = await OpenEditorAsync(server);
        await using Page bob = await OpenEditorAsync(server);
        await ada.RunAsync("type('x', 5)");
        JsonElement operation = await bob.WaitForReportAsync("applied");
        Assert.Equal("insert", operation.GetProperty("type").GetString());
        Assert.Equal(5, operation.GetProperty("position").GetInt32());
        Assert.Equal("x", operation.GetProperty("text").GetString());
        await bob.RunAsync("type('y', 6)");
        Assert.Equal("y", (await ada.WaitForReportAsync("applied")).GetProperty("text").GetString());
        server.AssertNothingWentWrong();
    }

    [Fact]
    public async Task The_games_client_steers_and_sees_the_state()
    {
        await using SampleServer server = await SampleServer.StartAsync("Game");
        await using Page page = await OpenAsync(server, "socket");
        await page.RunAsync(
            """
            const renderGameState = (players, entities) => report('state', { players, entities });
            const listeners = {};
            document.addEventListener = (name, listener) => { listeners[name] = listener; };
            null;
            """
        );
        await page.RunAsync(ClientOf("function updateGameState() {", "// Client: Send player input"));
        JsonElement state = await page.WaitForReportAsync("state", "\"players\":\\[\\{");
        Assert.Equal(0, state.GetProperty("players")[0].GetProperty("x").GetDouble());
        Assert.Equal(0, state.GetProperty("entities").GetArrayLength());
        await page.RunAsync("listeners.keydown({ key: 'ArrowRight' })");
        await page.WaitForReportAsync("state", "\"x\":[1-9]");
        server.AssertNothingWentWrong();
    }

    private static async Task<Page> OpenEditorAsync(SampleServer server)
    {
        Page page = await OpenAsync(server, "socket");
        JsonElement connected = await page.WaitForReportAsync("received", "\"connected\"");
        await page.RunAsync(
            $$"""
            const myUserId = '{{connected.GetProperty("userId").GetString()}}';
            const currentDocId = '7';
            const debounce = (run) => run;
            const applyRemoteEdit = (operation) => report('applied', operation);
            document.getElementById('editor').addEventListener = (name, listener) => {
              globalThis.type = (data, selectionStart) => listener({ data, target: { selectionStart } });
            };
            null;
            """
        );
        await page.RunAsync(ClientOf("let editor = document.getElementById('editor');", "// Client: Send and receive edits"));
        await page.RunAsync("socket.send(JSON.stringify({ type: 'join-room', room: 'document:7' }))");
        await page.WaitForReportAsync("received", "\"joined-room\"");
        return page;
    }

    /// <summary>A page with an open socket, as the printed pieces expect one; what they call to show something is there too.</summary>
    private static async Task<Page> OpenAsync(SampleServer server, string name, string query = "")
    {
        var page = new Page();
        await page.RunAsync(
            $$"""
            const handleMessage = (data) => report('handled', data);
            let {{name}} = new WebSocket('{{server.Socket}}{{query}}');
            """
        );
        await page.WaitForReportAsync("received", "\"connected\"");
        return page;
    }

    /// <summary>The lines of a printed block behind the one that begins its client.</summary>
    private static string ClientOf(string line, string start)
    {
        string[] parts = DocumentCode.BlockWith("websocket.md", line).Split(start);
        Assert.Equal(2, parts.Length);
        // The value of the last statement is a function, which is no JSON.
        return parts[1] + "\nnull;";
    }
}
