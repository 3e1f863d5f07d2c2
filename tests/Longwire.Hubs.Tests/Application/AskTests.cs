using Longwire.Hubs.Testing;

namespace Longwire.Hubs.Tests;

public sealed class AskTests
{
    [Fact]
    public async Task A_handler_asks_its_client_while_the_clients_next_message_waits()
    {
        await using HubTestHost host = await HubTestHost.StartAsync(hub =>
        {
            hub.MapRoom("chat:x");
            hub.On<DeleteRoom>(
                async (HubRequest request, DeleteRoom delete, IHub it) =>
                {
                    bool sure = await request.Session.AskAsync<bool>(new Confirm($"Delete {delete.Room}?"), TimeSpan.FromSeconds(30));
                    if (sure)
                    {
                        await it.Room(delete.Room).CloseAsync("Deleted");
                    }
                }
            );
        });
        HubTestClient ann = await host.ConnectAsync("ann");
        await ann.JoinAsync("chat:x");
        ann.Send("""{"type":"delete-room","room":"chat:x","id":"d1"}"""u8);
        ann.Send("""{"type":"ping","id":"p1"}"""u8);
        ReceivedMessage ask = await ann.NextAsync("ask");
        Assert.Equal("confirm", ask.Json.GetProperty("method").GetString());
        Assert.Equal("""{"text":"Delete chat:x?"}""", ask.Json.GetProperty("content").GetRawText());
        Assert.DoesNotContain(ann.Received, m => m.Type == "pong");
        Reply(ann, ask, "\"content\":true");
        await ann.NextAsync("left-room");
        await ann.NextAsync("ack");
        await ann.NextAsync("pong");
    }

    [Fact]
    public async Task A_client_that_does_not_answer_in_time_is_not_waited_for()
    {
        await using HubTestHost host = await HubTestHost.StartAsync();
        HubTestClient ann = await host.ConnectAsync("ann");
        ValueTask<bool> asked = host.Hub.Session(ann.ClientId).AskAsync<bool>(new Confirm("?"), TimeSpan.FromSeconds(5));
        ReceivedMessage ask = await ann.NextAsync("ask");
        host.Time.Advance(TimeSpan.FromSeconds(5));
        await Assert.ThrowsAsync<TimeoutException>(async () => await asked);
        Reply(ann, ask, "\"content\":true");
        Assert.Equal("unknown-ask", (await ann.NextAsync("error")).Json.GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("\"error\":\"I won't\"", "I won't")]
    [InlineData("\"content\":\"yes\"", "The client's answer to \"confirm\" is no Boolean.")]
    public async Task A_refusal_is_the_clients_text(string fields, string text)
    {
        await using HubTestHost host = await HubTestHost.StartAsync();
        HubTestClient ann = await host.ConnectAsync("ann");
        ValueTask<bool> asked = host.Hub.Session(ann.ClientId).AskAsync<bool>(new Confirm("?"));
        Reply(ann, await ann.NextAsync("ask"), fields);
        Assert.Equal(text, (await Assert.ThrowsAsync<AskRefusedException>(async () => await asked)).Message);
    }

    [Fact]
    public async Task A_question_comes_again_on_a_new_connection_and_ends_with_the_session()
    {
        await using HubTestHost host = await HubTestHost.StartAsync();
        HubTestClient ann = await host.ConnectAsync("ann");
        ValueTask<bool> asked = host.Hub.Session(ann.ClientId).AskAsync<bool>(new Confirm("?"), TimeSpan.FromHours(1));
        ReceivedMessage first = await ann.NextAsync("ask");
        await ann.ReturnAsync();
        ReceivedMessage second = await ann.NextAsync("ask");
        Assert.Equal(first.ToString(), second.ToString());
        ann.Close();
        await Assert.ThrowsAsync<SessionEndedException>(async () => await asked);
    }

    [Fact]
    public async Task Sixteen_questions_may_be_open()
    {
        await using HubTestHost host = await HubTestHost.StartAsync();
        HubTestClient ann = await host.ConnectAsync("ann");
        IHubSession session = host.Hub.Session(ann.ClientId);
        Task<string>[] asked = [.. Enumerable.Range(0, 16).Select(i => session.AskAsync<string>(new Confirm($"{i}")).AsTask())];
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await session.AskAsync<string>(new Confirm("16")));
        foreach (Task<string> one in asked)
        {
            ReceivedMessage ask = await ann.NextAsync("ask");
            Reply(ann, ask, $"\"content\":{ask.Json.GetProperty("content").GetProperty("text").GetRawText()}");
        }

        Assert.Equal(Enumerable.Range(0, 16).Select(i => $"{i}"), await Task.WhenAll(asked));
    }

    private static void Reply(HubTestClient client, ReceivedMessage ask, string fields) =>
        client.Send(
            System.Text.Encoding.UTF8.GetBytes($$"""{"type":"reply","to":"{{ask.Json.GetProperty("id").GetString()}}",{{fields}}}""")
        );

    private sealed record Confirm(string Text);

    private sealed record DeleteRoom(string Room);
}
