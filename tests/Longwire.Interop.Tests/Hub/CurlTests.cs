using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Longwire.Hubs.Tests;

namespace Longwire.Interop.Tests;

/// <summary>
/// With <c>curl</c> alone one watches a room and writes into it; the guides' commands that anybody can run do what they say.
/// </summary>
public sealed partial class CurlTests
{
    private const string Token = "Authorization: Bearer valid-token";

    [Fact]
    public async Task It_watches_a_room_and_writes_into_it()
    {
        await using WaysServer server = await WaysServer.StartAsync();
        await using ChildProcess watching = Curl("-N", "-H", Token, $"{server.Address}hub/events?room=general&username=ann");
        await watching.Output.WaitForAsync(Joined(), patience: Patience.Long);
        string answer = await ChildProcess.RunAsync(
            "curl",
            [
                "-sS",
                "-H",
                Token,
                "-H",
                "Content-Type: application/json",
                $"{server.Address}hub/send?room=general&username=bob",
                "-d",
                """{"type":"message","room":"general","content":"hello","id":"1"}""",
            ]
        );
        Assert.Equal("""[{"type":"ack","id":"1","room":"general","offset":1}]""", answer.Trim());
        await watching.Output.WaitForAsync(Hello(), patience: Patience.Long);
    }

    [Fact]
    public async Task It_polls()
    {
        await using WaysServer server = await WaysServer.StartAsync();
        string poll = $"{server.Address}hub/poll";
        JsonElement first = Parse(await ChildProcess.RunAsync("curl", ["-sS", "-H", Token, $"{poll}?wait=0&username=ann"]));
        string session = "Longwire-Session: " + first.GetProperty("messages")[0].Text("session");
        await server.Hub.SendToUserAsync("ann", """{"type":"hello"}"""u8.ToArray());
        JsonElement second = Parse(await ChildProcess.RunAsync("curl", ["-sS", "-H", session, $"{poll}?after={first.Number("n")}"]));
        Assert.Equal("hello", Assert.Single(second.GetProperty("messages").EnumerateArray()).Text("type"));
    }

    [Theory]
    [InlineData("transports.md", "curl -N", "joined-room")]
    [InlineData("transports.md", "curl -H 'Authorization", "\"type\":\"ack\",\"id\":\"1\"")]
    [InlineData("debugging.md", "curl -i", "s3pPLMBiTxaQ9kYGzzhZRbK")]
    [InlineData("debugging.md", "curl -N", "joined-room")]
    [InlineData("debugging.md", "curl -H", "\"type\":\"ack\",\"id\":\"1\"")]
    public async Task The_commands_of_the_guides_do_what_they_say(string guide, string beginning, string expected)
    {
        string command = await CommandAsync(guide, beginning);
        await using WaysServer server = await WaysServer.StartAsync();
        command = command.Replace("http://localhost:5000/", server.Address.ToString(), StringComparison.Ordinal);
        await using ChildProcess running = ChildProcess.Start("bash", "-c", command);
        await running.Output.WaitForAsync(new Regex(Regex.Escape(expected)), patience: Patience.Long);
    }

    [Fact]
    public async Task A_capture_as_the_guide_has_it_shows_the_handshake_and_the_messages_of_the_server()
    {
        string command = await CommandAsync("debugging.md", "tcpdump");
        await using WaysServer server = await WaysServer.StartAsync();
        command = command.Replace("5000", server.Address.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        // One that has other rights than the test ends by itself.
        string rights = Environment.IsPrivilegedProcess ? "" : "sudo -n timeout 300 ";
        await using ChildProcess capture = ChildProcess.Start("bash", "-c", $"exec {rights}{command}");
        await capture.Errors.WaitForAsync(Listening(), patience: Patience.Long);
        await server.ConnectAsync(WayIn.WebSocket, "ann");
        foreach (string seen in (string[])["GET /hub HTTP/1.1", "HTTP/1.1 101 Switching Protocols", "\"type\":\"connected\""])
        {
            await capture.Output.WaitForAsync(new Regex(Regex.Escape(seen)), patience: Patience.Long);
        }
    }

    /// <summary>A block of a guide that the shell can run.</summary>
    private static async Task<string> CommandAsync(string guide, string beginning)
    {
        string text = await File.ReadAllTextAsync(Path.Combine(Path.GetDirectoryName(Places.Endings)!, "guides", guide));
        return Commands()
            .Matches(text)
            .Select(static match => match.Groups["command"].Value)
            .First(command => command.StartsWith(beginning, StringComparison.Ordinal));
    }

    private static ChildProcess Curl(params string[] arguments) => ChildProcess.Start("curl", ["-sS", .. arguments]);

    private static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    [GeneratedRegex("\"type\":\"joined-room\",\"room\":\"general\"")]
    private static partial Regex Joined();

    [GeneratedRegex("^```sh\n(?<command>.*?)\n```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Commands();

    [GeneratedRegex("listening on lo")]
    private static partial Regex Listening();

    [GeneratedRegex("^data: .*\"userId\":\"bob\".*\"message\":\"hello\"")]
    private static partial Regex Hello();
}
