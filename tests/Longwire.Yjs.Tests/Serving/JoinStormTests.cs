using System.Diagnostics.Metrics;

namespace Longwire.Yjs.Tests;

public abstract class JoinStormTests(ServerTransport transport) : YjsTests(transport)
{
    private const int Joins = 60;

    public sealed class OnKestrel() : JoinStormTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : JoinStormTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : JoinStormTests(ServerTransport.IoUring);

    [Fact]
    public async Task What_many_lack_who_join_at_once_is_encoded_once_also_while_somebody_writes()
    {
        await using YjsServer server = await StartServerAsync();
        await using YjsPeer ann = await server.JoinAsync();
        long clock = 0;
        Write(new string('x', 300_000));
        await ann.WaitForAsync(static message => message.Length > 300_000, "the echo");
        using var answers = new AnswerCounter(server);
        var joining = new List<Task<YjsPeer>>();
        for (int i = 0; i < Joins; i++)
        {
            joining.Add(server.JoinAsync());
            Write("y");
            if (i % 10 == 0)
            {
                // Also those who had it all until a moment ago, each with the same state vector.
                joining.Add(RejoinAsync());
            }
        }

        YjsPeer[] joined = await Task.WhenAll(joining);
        foreach (YjsPeer peer in joined)
        {
            byte[] expected = ann.State;
            await Patience.UntilAsync(() => peer.Rejoined || Edits.AreSame(peer.State, expected), "the document is the same");
            await peer.DisposeAsync();
        }

        Assert.Equal(2, answers.Count);

        void Write(string text)
        {
            ann.Write(Edits.Insert(1, clock, text));
            clock += text.Length;
        }

        async Task<YjsPeer> RejoinAsync()
        {
            YjsPeer peer = await server.ConnectAsync();
            peer.Rejoined = true;
            peer.Ask(new FrameWriter().Raw(1, 1).Number(300_000).ToArray());
            await peer.SyncedAsync();
            return peer;
        }
    }

    private sealed class AnswerCounter : IDisposable
    {
        private readonly MeterListener _listener = new();
        private long _count;

        public AnswerCounter(YjsServer server)
        {
            IMeterFactory factory = server.Services.GetRequiredService<IMeterFactory>();
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                // Other servers of the same process have meters of the same name.
                if (instrument.Name == "longwire.yjs.answers" && instrument.Meter.Scope == factory)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref _count, value));
            _listener.Start();
        }

        public long Count => Interlocked.Read(ref _count);

        public void Dispose() => _listener.Dispose();
    }
}
