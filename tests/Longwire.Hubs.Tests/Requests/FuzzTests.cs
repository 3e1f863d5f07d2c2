using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Longwire.Hubs.Tests;

/// <summary>Messages bent in every way: the client only ever gets what the protocol allows, and no fault of ours is found.</summary>
public abstract class FuzzTests(ServerTransport? transport) : HubTests(transport)
{
    public sealed class OnPipes() : FuzzTests(null);

    public sealed class OnKestrel() : FuzzTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : FuzzTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : FuzzTests(ServerTransport.IoUring);

    private static readonly string[] _seeds =
    [
        """{"type":"auth","token":"valid-token","username":"ann","id":"1"}""",
        """{"type":"join-room","room":"general","recover":{"epoch":"0123456789abcdef","offset":3},"history":5,"id":"2"}""",
        """{"type":"leave-room","room":"general","id":"3"}""",
        """{"type":"message","room":"general","content":{"a":[1,2.5e3,"x\u00e4",null,true]},"id":"4"}""",
        """{"type":"chat","message":"hello","id":"5"}""",
        """{"type":"direct","userId":"ann","content":[{}],"id":"6"}""",
        """{"type":"history","room":"general","since":1,"before":9,"limit":5,"id":"7"}""",
        """{"type":"presence","room":"general","id":"8"}""",
        """{"type":"ping","id":"9"}""",
        """{"type":"custom","id":"10","x":{"y":[]}}""",
    ];

    private static readonly string[] _values =
    [
        "null",
        "true",
        "0",
        "-1",
        "1e999",
        "1.5",
        "9007199254740993",
        "\"\"",
        "\"general\"",
        "\"\\ud800\"",
        "\"\\udc00\\ud800\"",
        "{\"\\ud800\":1}",
        "{\"\\ud83d\\ude00\":\"\\ud83d\\u0041\"}",
        "\" \\u00a0\"",
        "\"a\\u202eb\"",
        "\"e\\u0301\"",
        "\"\\u0000\"",
        "[]",
        "{}",
        "[[[[[[[[[[]]]]]]]]]]",
        "{\"epoch\":1,\"offset\":\"x\"}",
        "{\"epoch\":{\"offset\":[]},\"offset\":5}",
        "\"auth\"",
        "\"message\"",
    ];

    private static readonly string[] _escapes =
    [
        "\\ud800",
        "\\uDC00",
        "\\ud83d\\ude00",
        "\\ud83d\\ud83d",
        "\\u0000",
        "\\u202e",
        "\\u0069d",
    ];

    private static readonly HashSet<string> _types =
    [
        "connected",
        "auth-success",
        "auth-failed",
        "joined-room",
        "left-room",
        "message",
        "ack",
        "chat",
        "direct",
        "history",
        "presence",
        "pong",
        "error",
        "user-joined",
        "user-left",
    ];

    private static readonly HashSet<string> _codes =
    [
        "invalid-json",
        "invalid-format",
        "too-large",
        "unauthenticated",
        "forbidden",
        "unknown-type",
        "unknown-room",
        "not-in-room",
        "id-reused",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Whatever_a_client_sends_the_outcome_is_legal(int seed)
    {
        var random = new Random(seed);
        var log = new RecordingLoggerFactory();
        await using TestHub hub = await StartHubAsync(
            options =>
            {
                options.RateLimit = null;
                options.MaxContentBytes = 2_000;
                options.MaxJsonDepth = 20;
                options.Rooms.Default!.HistorySize = 5;
            },
            loggerFactory: log
        );
        hub.Hub.On("custom", _ => default);
        TestClient client = await hub.JoinAsAsync("ann", "general");
        for (int number = 0; number < 1_500; number++)
        {
            string message = Mutate(random);
            if (random.Next(20) == 0)
            {
                hub.Time.StepDate(TimeSpan.FromMinutes(random.Next(-120, 121)));
                hub.Time.Advance(TimeSpan.FromSeconds(random.Next(5)));
            }

            try
            {
                await client.SendAsync(message);
                await client.SendAsync($$"""{"type":"ping","id":"end-{{number}}"}""");
                while (true)
                {
                    JsonElement answer = await client.NextAsync();
                    Assert.True(IsLegal(answer), $"seed {seed}: {message} got {answer}");
                    if (answer.Text("type") == "pong" && answer.Has("id") && answer.Text("id") == $"end-{number}")
                    {
                        break;
                    }
                }
            }
            catch (WebSocketClosedException closed)
            {
                // The one message that may close: a token that is not valid.
                Assert.True(
                    closed.Status == CloseStatus.PolicyViolation && closed.Reason == "Authentication failed",
                    $"seed {seed}: {message} got {closed.Message}"
                );
                Assert.Contains("auth", message);
                client = await hub.JoinAsAsync("ann", "general");
            }
        }

        Assert.DoesNotContain(log.Entries, entry => entry.Level >= LogLevel.Warning);
    }

    private static bool IsLegal(JsonElement answer) =>
        _types.Contains(answer.Text("type")) && (answer.Text("type") != "error" || _codes.Contains(answer.Text("code")));

    private static string Mutate(Random random)
    {
        string message = _seeds[random.Next(_seeds.Length)];
        for (int count = random.Next(1, 4); count > 0; count--)
        {
            message = random.Next(10) switch
            {
                6 => EscapeInName(random, message),
                7 => message.Insert(1, $"\"{_escapes[random.Next(_escapes.Length)]}\":1,"),
                8 => message.Replace("\"epoch\"", $"\"{_escapes[random.Next(_escapes.Length)]}\":1,\"epoch\""),
                0 => ReplaceValue(random, message),
                1 => message.Remove(random.Next(message.Length), 1),
                2 => message.Insert(random.Next(message.Length), ((char)random.Next(1, 128)).ToString()),
                3 => message[..random.Next(1, message.Length)],
                4 => message.Insert(random.Next(message.Length), _values[random.Next(_values.Length)]),
                5 => message.Replace("general", new string('g', random.Next(1, 200))),
                _ => message.Replace("\"id\":", $"\"x\":{new string(random.Next(2) == 0 ? '[' : '1', random.Next(1, 3_000))},\"id\":"),
            };
            if (message.Length < 2)
            {
                return "x";
            }
        }

        // Invalid UTF-8 never gets past the connection; half a surrogate pair becomes a replacement character here.
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(message));
    }

    /// <summary>Writes a character of a name, or of a text, as an escape; or as another one that is half of a pair.</summary>
    private static string EscapeInName(Random random, string message)
    {
        int at = random.Next(message.Length);
        if (!char.IsAsciiLetter(message[at]))
        {
            return message;
        }

        string escape = random.Next(3) == 0 ? _escapes[random.Next(_escapes.Length)] : $"\\u{(int)message[at]:x4}";
        return message[..at] + escape + message[(at + 1)..];
    }

    private static string ReplaceValue(Random random, string message)
    {
        string[] parts = message.Split(':');
        if (parts.Length < 2)
        {
            return message;
        }

        int index = random.Next(1, parts.Length);
        int end = parts[index].IndexOfAny([',', '}']);
        parts[index] = _values[random.Next(_values.Length)] + (end < 0 ? "" : parts[index][end..]);
        return string.Join(':', parts);
    }
}
