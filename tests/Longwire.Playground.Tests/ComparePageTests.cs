using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;

namespace Longwire.Playground.Tests;

/// <summary>The comparison: four ways hear one feed, and what each takes is what the browser has received.</summary>
public sealed class ComparePageTests(Playground playground)
{
    private const int AnswerHeaders = 300;
    private const int Said = 20;
    private static readonly string[] _ways = ["polling", "long-polling", "events", "websocket"];

    [Fact]
    public async Task All_hear_the_same_and_what_each_takes_is_what_has_come()
    {
        await using Visitor visitor = await playground.VisitAsync();
        IPage page = await visitor.Context.NewPageAsync();
        var sockets = new ConcurrentBag<Received>();
        var answers = new ConcurrentBag<IRequest>();
        page.WebSocket += (_, socket) => sockets.Add(new Received(socket));
        page.RequestFinished += (_, request) =>
        {
            if (request.Url.Contains("/hub/poll?wait=25&", StringComparison.Ordinal))
            {
                answers.Add(request);
            }
        };
        await page.GotoAsync("/compare");
        await page.UntilAsync("globalThis.comparison && Object.values(comparison.ways).every(({ heard }) => heard > 0)");
        await SilenceAsync(page);
        await AgreeAsync();
        JsonElement before = await WaysAsync(page);
        for (int time = 0; time < Said; time++)
        {
            await SayAsync(page);
        }

        await AgreeAsync();
        JsonElement ways = await WaysAsync(page);
        await page.GetByTestId("run").ClickAsync();
        await Assertions.Expect(page.GetByTestId("run")).ToHaveTextAsync("Begin again");
        Assert.Equal(1, Requests("websocket"));
        Assert.Equal(1, Requests("events"));
        Assert.InRange(Requests("long-polling"), 2, int.MaxValue);
        Assert.All(_ways, way => Assert.Equal(0, Figure(ways, way, "missing")));
        Assert.All(_ways, way => Assert.InRange(Figure(ways, way, "heard") - Figure(before, way, "heard"), Said, Said + 1));
        // A poll's whole answers, and what an event is wrapped in, are what a WebSocket saves.
        Assert.True(BytesForEach("websocket") < BytesForEach("events"));
        Assert.True(BytesForEach("events") < BytesForEach("long-polling"));
        visitor.AssertNothingWentWrong();

        async Task AgreeAsync()
        {
            await UntilEqualAsync(
                page,
                "websocket",
                () => Task.FromResult(sockets.Single(static socket => socket.IsTheWay).Bytes + AnswerHeaders)
            );
            await UntilEqualAsync(
                page,
                "long-polling",
                async () =>
                    (await Task.WhenAll(answers.Select(static request => request.SizesAsync()))).Sum(static size =>
                        size.ResponseBodySize + AnswerHeaders
                    )
            );
        }

        int Requests(string way) => Figure(ways, way, "requests");
        // The answers to the handshake and to the join came before.
        double BytesForEach(string way) =>
            (double)(Figure(ways, way, "bytes") - Figure(before, way, "bytes"))
            / (Figure(ways, way, "heard") - Figure(before, way, "heard"));
    }

    private static int Figure(JsonElement ways, string way, string name) => ways.GetProperty(way).GetProperty(name).GetInt32();

    // The browser may tell the page, or this test, a moment later.
    private static async Task UntilEqualAsync(IPage page, string way, Func<Task<long>> count)
    {
        using var patience = new CancellationTokenSource(Patience.Long);
        while (await page.EvaluateAsync<long>($"comparison.ways['{way}'].bytes") != await count())
        {
            await Task.Delay(30, patience.Token);
        }
    }

    // The feed is as good as silent from here on: what each took no longer changes while it is read, however slow the machine.
    private static async Task SilenceAsync(IPage page)
    {
        await page.GetByTestId("rate").EvaluateAsync("rate => { rate.append(new Option('', '0.0001')); rate.value = '0.0001'; }");
        await AllHaveHeardAsync(page);
    }

    // One after the other, so that no answer brings two.
    private static async Task SayAsync(IPage page)
    {
        await page.EvaluateAsync("void comparison.room.publish({ number: ++comparison.said, at: performance.now() })");
        await AllHaveHeardAsync(page);
    }

    private static Task AllHaveHeardAsync(IPage page) =>
        page.UntilAsync("Object.values(comparison.ways).every(({ newest }) => newest === comparison.said)");

    private static async Task<JsonElement> WaysAsync(IPage page) =>
        (
            await page.EvaluateAsync(
                """
                () => Object.fromEntries(Object.entries(comparison.ways).map(([name, { heard, missing, requests, bytes }]) =>
                  [name, { heard, missing, requests, bytes }]))
                """
            )
        )!.Value;

    /// <summary>The bytes that a socket of the page has received, and whether it is the one that is counted: the other one speaks.</summary>
    private sealed class Received
    {
        private long _bytes;

        public Received(IWebSocket socket)
        {
            socket.FrameSent += (_, frame) => IsTheWay |= frame.Text?.Contains("\"websocket ", StringComparison.Ordinal) ?? false;
            socket.FrameReceived += (_, frame) =>
            {
                int length = Encoding.UTF8.GetByteCount(frame.Text!);
                Interlocked.Add(ref _bytes, length + (length < 126 ? 2 : 4));
            };
        }

        public bool IsTheWay { get; private set; }

        public long Bytes => Interlocked.Read(ref _bytes);
    }
}
