using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace Longwire.Hubs.Benchmarks;

/// <summary>
/// Members of a room who are told over plain HTTP, by server-sent events or by long polling, and a speaker on a WebSocket. In a closed loop:
/// the next thing is said when all have got the last, in its order.
/// </summary>
internal sealed class HttpCrowd : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http;
    private readonly Crowd _speaker = new();
    private readonly CancellationTokenSource _end = new();
    private readonly string _filler = new('x', 100 - 9);
    private List<Task> _members = [];
    private TaskCompletionSource _heard = new();
    private int _missing;

    private HttpCrowd(ServerProcess server) =>
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false })
        {
            BaseAddress = new Uri($"http://{server.Authority}"),
            Timeout = Timeout.InfiniteTimeSpan,
        };

    /// <summary>One says 100 bytes to all, again and again. Returns deliveries per second of the server's processor time.</summary>
    public static async Task<double> MeasureAsync(ServerProcess server, bool byEvents, int members, TimeSpan window)
    {
        await using var crowd = new HttpCrowd(server);
        await crowd._speaker.ConnectAsync(
            server,
            "/hub",
            1,
            _ => new Client(crowd._speaker, members, static () => """{"type":"join-room","room":"bench"}""")
        );
        var joined = new CountdownEvent(members);
        crowd._members =
        [
            .. Enumerable.Range(0, members).Select(number => byEvents ? crowd.HearAsync(number, joined) : crowd.PollAsync(number, joined)),
        ];
        await crowd.WaitAsync(Task.Run(joined.Wait));
        await crowd.SayAsync(members, 1, window / 3);
        double began = server.CpuSeconds;
        long said = await crowd.SayAsync(members, crowd._last + 1, window);
        return said * members / (server.CpuSeconds - began);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAll(_members).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _http.Dispose();
        await _speaker.DisposeAsync();
        _end.Dispose();
    }

    private int _last;

    private async Task<int> SayAsync(int members, int first, TimeSpan time)
    {
        long began = Stopwatch.GetTimestamp();
        int number = first;
        for (; Stopwatch.GetElapsedTime(began) < time; number++)
        {
            _heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _missing, members);
            string content = string.Create(CultureInfo.InvariantCulture, $"#{number:00000000}{_filler}");
            _speaker.Clients[0].Connection!.TrySend(Encoding.UTF8.GetBytes(Target.Hub.Say(content)), MessageType.Text);
            await WaitAsync(_heard.Task);
        }

        _last = number - 1;
        return number - first;
    }

    /// <summary>Waits, unless a member has failed.</summary>
    private async Task WaitAsync(Task task)
    {
        Task failed = Task.WhenAny(_members).Unwrap();
        if (await Task.WhenAny(task, failed, Task.Delay(_patience)) != task)
        {
            await (failed.IsCompleted ? failed : Task.FromException(new TimeoutException("The server does not come to an end.")));
            throw new InvalidOperationException("A member has come to an end.");
        }
    }

    private HttpRequestMessage Request(string path, int number) =>
        new(HttpMethod.Get, path) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", $"u{number}") } };

    private async Task HearAsync(int number, CountdownEvent joined)
    {
        using HttpRequestMessage request = Request("/hub/events?room=bench", number);
        using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _end.Token);
        await using Stream stream = await response.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(_end.Token);
        byte[] buffer = new byte[16 * 1024];
        int length = 0;
        int last = 0;
        bool hasJoined = false;
        while (await stream.ReadAsync(buffer.AsMemory(length), _end.Token) is > 0 and var read)
        {
            length += read;
            // Whole events; what has begun stays in the buffer.
            int whole = buffer.AsSpan(0, length).LastIndexOf("\n\n"u8) + 2;
            if (whole >= 2)
            {
                hasJoined = hasJoined || Joins(buffer.AsSpan(0, whole), joined);
                last = Count(buffer.AsSpan(0, whole), last);
                buffer.AsSpan(whole, length - whole).CopyTo(buffer);
                length -= whole;
            }
        }
    }

    private async Task PollAsync(int number, CountdownEvent joined)
    {
        string after = "0";
        string? session = null;
        int last = 0;
        bool hasJoined = false;
        while (true)
        {
            using HttpRequestMessage request = Request($"/hub/poll?wait=25&after={after}{(session is null ? "&room=bench" : "")}", number);
            if (session is not null)
            {
                request.Headers.Add("Longwire-Session", session);
            }

            using HttpResponseMessage response = await _http.SendAsync(request, _end.Token);
            byte[] answer = await response.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync(_end.Token);
            // {"n":1,"id":"secret room@…","messages":[…]}
            string head = Encoding.UTF8.GetString(answer.AsSpan(0, Math.Min(answer.Length, 512)));
            after = head[5..head.IndexOf(',', StringComparison.Ordinal)];
            session ??= head.Split('"')[5].Split(' ')[0];
            hasJoined = hasJoined || Joins(answer, joined);
            last = Count(answer, last);
        }
    }

    private static bool Joins(ReadOnlySpan<byte> text, CountdownEvent joined) =>
        text.IndexOf("\"type\":\"joined-room\""u8) >= 0 && (joined.Signal() || true);

    /// <summary>Counts the numbers in a text, which have to count up.</summary>
    private int Count(ReadOnlySpan<byte> text, int last)
    {
        while (text.IndexOf((byte)'#') is >= 0 and var mark)
        {
            Utf8Parser.TryParse(text.Slice(mark + 1, 8), out int said, out _);
            if (last != 0 && said != last + 1)
            {
                throw new InvalidOperationException($"{last + 1} was to come, and {said} came.");
            }

            last = said;
            text = text[(mark + 9)..];
            if (Interlocked.Decrement(ref _missing) == 0)
            {
                _heard.TrySetResult();
            }
        }

        return last;
    }
}
