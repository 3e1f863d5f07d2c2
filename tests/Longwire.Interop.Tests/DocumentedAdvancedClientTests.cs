using System.Text.Json;

namespace Longwire.Interop.Tests;

/// <summary>The client that the document prints under "Advanced Client Features", unchanged, against the hub.</summary>
public sealed class DocumentedAdvancedClientTests
{
    private const string Line = "class WebSocketClient {";

    /// <summary>
    /// The printed example as a whole: a token that the server doesn't know, a message before it is connected. The page resolves its
    /// address to the server under test, and nothing else is touched.
    /// </summary>
    [Fact]
    public async Task The_printed_example_sends_its_queue_is_refused_for_its_token_and_comes_back()
    {
        await using var server = new LongwireServer();
        await server.StartAsync(0);
        await using var page = new Page();
        await page.RunAsync($"hosts.set('ws://localhost:8080', '{server["/"]}')");
        await page.RunAsync(DocumentCode.BlockWith("websocket.md", Line));

        await page.WaitForReportAsync("log", "Queueing message");
        await page.WaitForReportAsync("received", "\"connected\".*clientId");
        await page.WaitForReportAsync("log", "Connected!");
        await page.WaitForReportAsync("received", "Not authenticated");
        await page.WaitForReportAsync("received", "auth-failed");
        await page.WaitForReportAsync("log", "Disconnected: 1008 Authentication failed");
        await page.WaitForReportAsync("log", "Connection lost");
        await page.WaitForReportAsync("log", "Reconnecting in 1000ms");
        int waiting = page.Mark();
        await page.WaitForReportAsync("received", "\"connected\".*clientId", waiting);
        await page.RunAsync("client.close()");
        server.AssertNothingWentWrong();
    }

    [Fact]
    public async Task Two_clients_authenticate_join_exchange_messages_and_see_joins_and_leaves()
    {
        await using var server = new LongwireServer();
        await server.StartAsync(0);
        await using var page = new Page();
        await DefineAsync(page);
        await CreateAsync(page, "ada", server);
        await page.RunAsync("ada.send({ type: 'join-room', room: 'general' })");
        JsonElement joined = await page.WaitForReportAsync("ada joined-room", "general");
        Assert.Equal(1, joined.GetProperty("members").GetInt32());

        await CreateAsync(page, "bob", server);
        await page.RunAsync("bob.send({ type: 'join-room', room: 'general' })");
        joined = await page.WaitForReportAsync("bob joined-room", "general");
        Assert.Equal(2, joined.GetProperty("members").GetInt32());
        JsonElement userJoined = await page.WaitForReportAsync("ada user-joined", "\"room\":\"general\"");
        Assert.Equal("bob", userJoined.GetProperty("username").GetString());
        Assert.Equal(2, userJoined.GetProperty("members").GetInt32());

        await page.RunAsync("bob.send({ type: 'message', room: 'general', content: 'Grüße 👋' })");
        foreach (string reader in (string[])["ada", "bob"])
        {
            JsonElement message = await page.WaitForReportAsync($"{reader} message", "Grüße");
            Assert.Equal("bob", message.GetProperty("username").GetString());
            Assert.Equal("Grüße 👋", message.GetProperty("message").GetString());
            Assert.InRange(
                DateTimeOffset.FromUnixTimeMilliseconds(message.GetProperty("timestamp").GetInt64()),
                DateTimeOffset.UtcNow.AddMinutes(-5),
                DateTimeOffset.UtcNow.AddMinutes(5)
            );
        }

        await page.RunAsync("bob.send({ type: 'leave-room', room: 'general' })");
        JsonElement userLeft = await page.WaitForReportAsync("ada user-left", "\"room\":\"general\"");
        Assert.Equal("bob", userLeft.GetProperty("username").GetString());
        Assert.Equal(1, userLeft.GetProperty("members").GetInt32());

        int mark = page.Mark();
        await page.RunAsync("bob.send({ type: 'join-room', room: 'general' })");
        await page.WaitForReportAsync("ada user-joined", "\"room\":\"general\"", mark);
        await page.RunAsync("bob.close()");
        await page.WaitForReportAsync("ada user-left", "\"room\":\"general\"", mark);
        server.AssertNothingWentWrong();
    }

    [Fact]
    public async Task What_was_sent_before_the_connection_opened_is_sent_in_its_order_when_it_opens()
    {
        await using var server = new LongwireServer();
        await server.StartAsync(0);
        await using var page = new Page();
        await DefineAsync(page);
        await page.RunAsync(
            $$"""
            const ada = new WebSocketClient('{{server["/ws"]}}');
            ada.on('message', (data) => report('ada message', data));
            ada.send({ type: 'auth', token: 'valid-token', username: 'ada' });
            ada.send({ type: 'join-room', room: 'general' });
            ada.send({ type: 'message', room: 'general', content: 'queued' });
            """
        );
        await page.WaitForReportAsync("ada message", "queued");
        server.AssertNothingWentWrong();
    }

    [Fact]
    public async Task Clients_come_back_when_the_server_was_killed_and_started_again()
    {
        await using LongwireServer server = await LongwireServer.StartOnFreePortAsync();
        await using var page = new Page();
        await DefineAsync(page);
        foreach (string name in (string[])["ada", "bob"])
        {
            await CreateAsync(page, name, server);
            await page.RunAsync(
                $"{name}.on('auth-success', () => {name}.send({{ type: 'join-room', room: 'general' }})); {name}.send({{ type: 'join-room', room: 'general' }})"
            );
            await page.WaitForReportAsync($"{name} joined-room", "general");
        }

        int killed = page.Mark();
        await server.Process.KillAsync();
        await page.WaitForReportAsync("ada disconnect", after: killed);
        await page.WaitForReportAsync("bob disconnect", after: killed);
        await server.StartAsync(server.Port);
        await page.WaitForReportAsync("ada joined-room", "general", killed, Patience.Long);
        await page.WaitForReportAsync("bob joined-room", "general", killed, Patience.Long);

        await page.RunAsync("ada.send({ type: 'message', room: 'general', content: 'still here' })");
        await page.WaitForReportAsync("bob message", "still here", killed);
        server.AssertNothingWentWrong();
    }

    [Fact]
    public async Task What_was_sent_while_the_server_was_away_arrives_when_it_is_back()
    {
        await using LongwireServer server = await LongwireServer.StartOnFreePortAsync();
        await using var page = new Page();
        await DefineAsync(page);
        await page.RunAsync(
            $$"""
            const ada = new WebSocketClient('{{server["/ws"]}}');
            ada.on('message', (data) => report('ada message', data));
            ada.on('disconnect', () => report('ada disconnect'));
            """
        );
        await page.WaitForReportAsync("received", "\"connected\"");
        await server.Process.KillAsync();
        await page.WaitForReportAsync("ada disconnect");
        await page.RunAsync(
            """
            ada.send({ type: 'auth', token: 'valid-token', username: 'ada' });
            ada.send({ type: 'join-room', room: 'general' });
            ada.send({ type: 'message', room: 'general', content: 'kept meanwhile' });
            """
        );
        await server.StartAsync(server.Port);
        await page.WaitForReportAsync("ada message", "kept meanwhile", patience: Patience.Long);
    }

    // The class alone, without the example's usage of it: a line of its own begins that part.
    private static Task DefineAsync(Page page) => page.RunAsync(DocumentCode.BlockWith("websocket.md", Line).Split("\n// Usage\n")[0]);

    // A client of the printed class, used as the printed usage does: it authenticates whenever it has connected.
    private static async Task CreateAsync(Page page, string name, LongwireServer server)
    {
        await page.RunAsync(
            $$"""
            const {{name}} = new WebSocketClient('{{server["/ws"]}}', { reconnect: true });
            for (const name of ['auth-success', 'joined-room', 'user-joined', 'user-left', 'message', 'error'])
              {{name}}.on(name, (data) => report('{{name}} ' + name, data));
            {{name}}.on('disconnect', () => report('{{name}} disconnect'));
            {{name}}.on('connect', () => {{name}}.send({ type: 'auth', token: 'valid-token', username: '{{name}}' }));
            """
        );
        JsonElement success = await page.WaitForReportAsync($"{name} auth-success");
        Assert.Equal(name, success.GetProperty("username").GetString());
    }
}
