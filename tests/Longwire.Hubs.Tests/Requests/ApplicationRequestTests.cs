using System.Text.Json;

namespace Longwire.Hubs.Tests;

public abstract class ApplicationRequestTests(ServerTransport? transport) : HubTests(transport)
{
    public sealed class OnPipes() : ApplicationRequestTests(null);

    public sealed class OnKestrel() : ApplicationRequestTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : ApplicationRequestTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : ApplicationRequestTests(ServerTransport.IoUring);

    [Fact]
    public async Task A_registered_type_gets_the_whole_message_and_its_own_answer()
    {
        await using TestHub hub = await StartHubAsync();
        hub.Hub.On(
            "edit",
            request =>
            {
                using JsonDocument document = request.Parse();
                long position = document.RootElement.GetProperty("operation").Number("position");
                Assert.Equal(("edit", "e1", "ann"), (request.Type, request.Id, request.Session.Identity!.UserId));
                request.Reply("edited", json => json.WriteNumber("position", position));
                Assert.False(request.ReplyError(HubError.Forbidden));
                return default;
            }
        );
        TestClient client = await hub.ConnectAsAsync("ann");
        JsonElement answer = await client.AskAsync("""{"type":"edit","operation":{"position":7},"id":"e1"}""", "edited");
        Assert.Equal("""{"type":"edited","position":7,"id":"e1"}""", answer.GetRawText());
        await client.ExpectNothingAsync();
    }

    [Fact]
    public async Task Without_an_answer_a_request_with_an_id_is_acknowledged()
    {
        await using TestHub hub = await StartHubAsync();
        hub.Hub.On("input", _ => default);
        TestClient client = await hub.ConnectAsAsync("ann");
        Assert.Equal("i1", (await client.AskAsync("""{"type":"input","id":"i1"}""", "ack")).Text("id"));
        await client.SendAsync("""{"type":"input"}""");
        await client.ExpectNothingAsync();
    }

    [Fact]
    public async Task An_error_of_the_applications_own_reaches_the_client()
    {
        await using TestHub hub = await StartHubAsync();
        hub.Hub.On(
            "buy",
            request =>
            {
                request.ReplyError(new HubError("sold-out", "Nothing left"));
                return default;
            }
        );
        TestClient client = await hub.ConnectAsAsync("ann");
        Assert.Equal("Nothing left", (await client.ExpectErrorAsync("""{"type":"buy","id":"b"}""", "sold-out")).Text("message"));
        await client.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_handler_that_throws_is_an_internal_error_and_the_session_goes_on()
    {
        var log = new RecordingLoggerFactory();
        await using TestHub hub = await StartHubAsync(loggerFactory: log);
        hub.Hub.On("now", _ => throw new InvalidOperationException("a secret of ours"));
        hub.Hub.On(
            "later",
            async _ =>
            {
                await Task.Yield();
                throw new InvalidOperationException("a secret of ours");
            }
        );
        TestClient client = await hub.ConnectAsAsync("ann");
        foreach (string type in new[] { "now", "later" })
        {
            JsonElement error = await client.ExpectErrorAsync($$"""{"type":"{{type}}","id":"x"}""", "internal");
            Assert.Equal("""{"type":"error","code":"internal","message":"Internal error","id":"x"}""", error.GetRawText());
        }

        Assert.Equal(
            2,
            log.Entries.Count(entry =>
                entry.Level == Microsoft.Extensions.Logging.LogLevel.Error && entry.Text.Contains("a secret of ours")
            )
        );
        await client.ExpectNothingAsync();
    }

    [Fact]
    public async Task Messages_of_one_session_wait_for_the_handler_and_other_sessions_do_not()
    {
        await using TestHub hub = await StartHubAsync();
        var gate = new TaskCompletionSource();
        hub.Hub.On(
            "slow",
            async request =>
            {
                await gate.Task;
                request.Reply("done");
            }
        );
        TestClient patient = await hub.ConnectAsAsync("ann");
        TestClient other = await hub.ConnectAsAsync("bob");
        await patient.SendAsync("""{"type":"slow"}""");
        await patient.SendAsync("""{"type":"ping"}""");
        await other.AskAsync("""{"type":"ping"}""", "pong");
        gate.SetResult();
        await patient.NextAsync("done");
        await patient.NextAsync("pong");
    }

    [Theory]
    [InlineData("auth")]
    [InlineData("message")]
    [InlineData("taken")]
    public async Task A_type_has_one_handler(string type)
    {
        await using TestHub hub = await StartHubAsync();
        hub.Hub.On("taken", _ => default);
        Assert.Throws<ArgumentException>(() => hub.Hub.On(type, _ => default));
    }
}
