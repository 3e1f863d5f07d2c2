using System.Security.Claims;
using Longwire.Hubs.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Longwire.Hubs.Tests;

public sealed class ChatTests
{
    private static readonly Claim _member = new("room", "chat:x");

    [Fact]
    public async Task What_was_said_while_away_is_recovered()
    {
        await using HubTestHost host = await StartAsync();
        HubTestClient ann = await host.ConnectAsync("ann", _member),
            bob = await host.ConnectAsync("bob", _member);
        await Task.WhenAll(ann.JoinAsync("chat:x"), bob.JoinAsync("chat:x"));
        bob.Cut();
        await ann.PublishAsync("chat:x", new Say("hi"));
        host.Time.Advance(TimeSpan.FromSeconds(10));
        await bob.ReturnAsync();
        JoinedRoom joined = await bob.JoinAsync("chat:x");
        Assert.True(joined.Recovered);
        Assert.Equal("hi", Assert.Single(joined.Messages).As<Say>().Text);
        Assert.DoesNotContain(ann.Received, m => m.Type == "user-left");
    }

    [Fact]
    public async Task A_user_without_the_claim_of_the_room_is_refused()
    {
        await using HubTestHost host = await StartAsync();
        HubTestClient eve = await host.ConnectAsync("eve", new Claim("room", "chat:y"));
        Assert.Equal("forbidden", (await Assert.ThrowsAsync<HubRefusedException>(() => eve.JoinAsync("chat:x"))).Code);
        await eve.JoinAsync("chat:y");
    }

    [Fact]
    public async Task A_hook_refuses_with_a_reason_at_every_join()
    {
        await using HubTestHost host = await StartAsync();
        HubTestClient ann = await host.ConnectAsync("ann", _member);
        await ann.JoinAsync("chat:x");
        host.Services.GetRequiredService<ChatStore>().Closed["x"] = true;
        HubRefusedException refused = await Assert.ThrowsAsync<HubRefusedException>(() => ann.JoinAsync("chat:x"));
        Assert.Equal(("forbidden", "This room is closed"), (refused.Code, refused.Message));
        await ann.NextAsync("left-room");
        refused = await Assert.ThrowsAsync<HubRefusedException>(() => ann.PublishAsync("chat:x", new Say("hi")));
        Assert.Equal("unknown-room", refused.Code);
    }

    [Theory]
    [InlineData("""{"text":""}""", "invalid-format", "The field Text must be a string with a minimum length of 1")]
    [InlineData("""{}""", "invalid-format", "Invalid message format")]
    [InlineData("""{"text":null}""", "invalid-format", "Invalid message format")]
    [InlineData("""{"text":7}""", "invalid-format", "Invalid message format")]
    [InlineData(""" "hi" """, "invalid-format", "Invalid message format")]
    [InlineData("""{"text":"ann sells"}""", "forbidden", "No spam")]
    public async Task What_is_not_valid_or_not_wanted_is_not_published(string content, string code, string text)
    {
        await using HubTestHost host = await StartAsync();
        HubTestClient ann = await host.ConnectAsync("ann", _member);
        await ann.JoinAsync("chat:x");
        ann.Send(System.Text.Encoding.UTF8.GetBytes($$"""{"type":"message","room":"chat:x","id":"m1","content":{{content}}}"""));
        ReceivedMessage error = await ann.NextAsync("error");
        Assert.Equal(code, error.Json.GetProperty("code").GetString());
        Assert.Equal("m1", error.Json.GetProperty("id").GetString());
        Assert.StartsWith(text, error.Json.GetProperty("message").GetString());
        await ann.FlushAsync();
        Assert.DoesNotContain(ann.Received, m => m.Type is "message" or "ack");
    }

    [Fact]
    public async Task What_the_class_does_not_have_is_not_passed_on()
    {
        await using HubTestHost host = await StartAsync();
        HubTestClient ann = await host.ConnectAsync("ann", _member);
        await ann.JoinAsync("chat:x");
        ann.Send("""{"type":"message","room":"chat:x","content":{"text":"hi","script":"x"}}"""u8);
        Assert.Equal("""{"text":"hi"}""", (await ann.NextAsync("message")).Json.GetProperty("message").GetRawText());
    }

    [Fact]
    public async Task A_relayed_message_reaches_the_others_and_is_not_kept()
    {
        await using HubTestHost host = await StartAsync();
        HubTestClient ann = await host.ConnectAsync("ann", _member);
        HubTestClient bob = await host.ConnectAsync("bob", _member);
        await Task.WhenAll(ann.JoinAsync("chat:x"), bob.JoinAsync("chat:x"));
        ann.Send("chat:x", new Typing(true));
        ReceivedMessage typing = await bob.NextAsync("typing");
        Assert.True(typing.As<Typing>().On);
        Assert.Equal(("chat:x", "ann", null), (typing.Room, typing.UserId, typing.Offset));
        await ann.FlushAsync();
        Assert.DoesNotContain(ann.Received, m => m.Type == "typing");
    }

    [Fact]
    public async Task A_request_is_answered_with_its_content()
    {
        await using HubTestHost host = await StartAsync();
        HubTestClient ann = await host.ConnectAsync("ann", _member);
        await ann.JoinAsync("chat:x");
        SearchResult result = await ann.AskAsync<SearchResult>("chat:x", new Search("tea"));
        Assert.Equal(["x/tea"], result.Found);
        ann.Send("""{"type":"search","room":"chat:x","text":"tea","id":"s1"}"""u8);
        Assert.Equal("""{"type":"ack","id":"s1","content":{"found":["x/tea"]}}""", (await ann.NextAsync("ack")).ToString());
    }

    [Fact]
    public async Task Text_is_safe_for_clients_that_put_it_into_HTML()
    {
        await using HubTestHost host = await StartAsync();
        HubTestClient ann = await host.ConnectAsync("<img src=x onerror='alert(1)'>", _member);
        HubTestClient bob = await host.ConnectAsync("bob", _member);
        await bob.JoinAsync("chat:x");
        await ann.JoinAsync("chat:x");
        const string Name = "&lt;img src=x onerror=&#39;alert(1)&#39;&gt;";
        Assert.Equal(Name, (await bob.NextAsync("user-joined")).Username);
        await ann.PublishAsync("chat:x", new Say("<b>\"a\" & b</b>"));
        ReceivedMessage message = await bob.NextAsync("message");
        Assert.Equal((Name, "&lt;b&gt;&quot;a&quot; &amp; b&lt;/b&gt;"), (message.Username, message.As<Say>().Text));
        await host.Hub.Room("chat:x").PublishAsync(new Say("<i>"));
        Assert.Equal("&lt;i&gt;", (await bob.NextAsync<Say>()).Text);
    }

    private static Task<HubTestHost> StartAsync() =>
        HubTestHost.StartAsync(hub => hub.MapChat(), services => services.AddChat().AddSingleton<ChatStore>());
}
