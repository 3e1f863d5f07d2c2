using System.Text.Json;

namespace Longwire.Hubs.Tests;

/// <summary>Names are shown on pages and terminals and stand in logs.</summary>
public abstract class NameTests(ServerTransport? transport) : HubTests(transport)
{
    public sealed class OnPipes() : NameTests(null);

    public sealed class OnKestrel() : NameTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : NameTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : NameTests(ServerTransport.IoUring);

    public static TheoryData<string> NoNames =>
        [
            "",
            " ",
            " \t ",
            "\u00A0\u2003\u3000",
            "ann\nbob",
            "a\u001b[31mb",
            "\u0000",
            "a\u007f",
            "a\u0085b",
            "a\u2028b",
            "a\u2029b",
            "a\u202Eb",
            "a\u2066b",
        ];

    [Theory]
    [MemberData(nameof(NoNames))]
    public async Task A_username_that_is_blank_or_has_control_characters_is_an_error(string name)
    {
        await using TestHub hub = await StartHubAsync();
        TestClient client = await hub.ConnectAsync();
        string auth = JsonSerializer.Serialize(
            new
            {
                type = "auth",
                token = "valid-token",
                username = name,
            }
        );
        if (name.Length == 0)
        {
            // Pages send an empty field for no name.
            Assert.Equal(client.ClientId, (await client.AskAsync(auth, "auth-success")).Text("username"));
            return;
        }

        await client.ExpectErrorAsync(auth, "invalid-format");
        await client.AskAsync("""{"type":"auth","token":"valid-token","username":"ann"}""", "auth-success");
    }

    [Theory]
    [MemberData(nameof(NoNames))]
    public async Task A_room_name_that_is_blank_or_has_control_characters_is_an_error(string name)
    {
        await using TestHub hub = await StartHubAsync();
        TestClient client = await hub.ConnectAsAsync("ann");
        await client.ExpectErrorAsync(JsonSerializer.Serialize(new { type = "join-room", room = name }), "invalid-format");
        Assert.Equal(0, hub.Hub.RoomCount);
    }

    [Fact]
    public async Task Names_are_normalised_so_that_what_looks_the_same_is_the_same()
    {
        await using TestHub hub = await StartHubAsync();
        TestClient client = await hub.ConnectAsync();
        JsonElement success = await client.AskAsync(
            "{\"type\":\"auth\",\"token\":\"valid-token\",\"username\":\"Rene\u0301\"}",
            "auth-success"
        );
        Assert.Equal(("Ren\u00e9", "Ren\u00e9"), (success.Text("username"), success.Text("userId")));
        JsonElement joined = await client.AskAsync("{\"type\":\"join-room\",\"room\":\"cafe\u0301\"}", "joined-room");
        Assert.Equal("caf\u00e9", joined.Text("room"));
        await client.AskAsync("{\"type\":\"message\",\"room\":\"caf\u00e9\",\"content\":1}", "message");
        await hub.Hub.PublishAsync("cafe\u0301", "2"u8.ToArray());
        Assert.Equal("caf\u00e9", (await client.NextAsync("message")).Text("room"));
        Assert.NotNull(hub.Hub.FindRoom("cafe\u0301"));
    }
}
