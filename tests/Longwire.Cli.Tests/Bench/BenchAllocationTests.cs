using System.Diagnostics;
using Longwire.Cli.Bench;
using Longwire.Transport.Linux;

namespace Longwire.Cli.Tests;

/// <summary>The allocations of the generator's loop for a message.</summary>
public sealed class BenchAllocationTests
{
    private const int WarmUp = 5_000;
    private const int Counted = 20_000;

    [Theory]
    [InlineData(EventLoopKind.Automatic, 1, false, 20)]
    [InlineData(EventLoopKind.Epoll, 1, false, 20)]
    [InlineData(EventLoopKind.Automatic, 16, false, 20, 1000)]
    [InlineData(EventLoopKind.Automatic, 4, false, 20, 20_000)]
    [InlineData(EventLoopKind.Epoll, 4, false, 20, 20_000)]
    [InlineData(EventLoopKind.Automatic, 4, true, 1000)]
    public async Task An_echo_allocates_nothing(EventLoopKind loop, int inFlight, bool deflate, params int[] sizes)
    {
        await using ToolRun server = await ToolRun.ServeAsync();
        var options = new BenchOptions
        {
            Address = server.Socket("/echo"),
            Connections = 4,
            InFlight = inFlight,
            Deflate = deflate,
            Sizes = sizes,
            Loop = loop,
        };
        var run = new CountedRun(options);
        try
        {
            await run.OpenAsync(CancellationToken.None);
            // A pooled object may be made once more than the warm-up needed it; an object for each hundredth message would be too many.
            Assert.InRange(await run.AllocatedAsync(), 0, Counted / 10);
        }
        finally
        {
            await run.DisposeAsync();
        }
    }

    /// <summary>A closed loop that never ends.</summary>
    private sealed class CountedRun(BenchOptions options) : EchoRun(options)
    {
        private readonly TaskCompletionSource<long> _allocated = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _sent;
        private long _before;

        /// <summary>The bytes that the loop's thread allocates while the counted messages come and go.</summary>
        public async Task<long> AllocatedAsync()
        {
            await OnLoopAsync(() =>
            {
                foreach (BenchSession session in Sessions)
                {
                    session.Link = new CountedLink(this, session.Link);
                }

                WindowStart = 0;
                Begin(Stopwatch.GetTimestamp());
            });
            await Task.WhenAny(_allocated.Task, Failed).WaitAsync(Patience.Long);
            Assert.Null(Failure);
            return await _allocated.Task;
        }

        public void Count(int sent)
        {
            for (; sent > 0; sent--)
            {
                _sent++;
                if (_sent == WarmUp)
                {
                    _before = GC.GetAllocatedBytesForCurrentThread();
                }
                else if (_sent == WarmUp + Counted)
                {
                    _allocated.SetResult(GC.GetAllocatedBytesForCurrentThread() - _before);
                }
            }
        }
    }

    private sealed class CountedLink(CountedRun run, IBenchLink link) : IBenchLink
    {
        public int Send(Script script, ref int slot, ref int part, int count)
        {
            int sent = link.Send(script, ref slot, ref part, count);
            run.Count(sent);
            return sent;
        }

        public bool Send(Span<byte> payload, Opcode opcode) => link.Send(payload, opcode);

        public void Pong(ReadOnlySpan<byte> payload) => link.Pong(payload);

        public void Pause(TimeSpan time) => link.Pause(time);

        public void EndSending() => link.EndSending();

        public void Close() => link.Close();
    }
}
