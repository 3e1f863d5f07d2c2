using System.Runtime.InteropServices;
using Longwire.Protocol;

namespace Longwire.Transport.Linux.Tests;

/// <summary>The cost of a connection on its loop: memory while it waits, none while it works.</summary>
[Collection(nameof(AloneInTheProcess))]
public partial class LoopMemoryTests
{
    private const int Count = 4000;
    private const int MostBytes = 400;

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_connection_that_has_echoed_and_waits_takes_less_than_400_bytes_of_the_heap(EventLoopKind kind)
    {
        await using var group = new EventLoopGroup(new EventLoopOptions { LoopCount = 1, Kind = kind });
        var handler = new EchoHandler();
        // A few first, so that what is made once is not counted.
        int[] warm = Open(group.Loops[0], handler, 100);
        double each = 0;
        for (int attempt = 0; attempt < 3 && (each is < 100 or > MostBytes); attempt++)
        {
            // The process may still drop what tests before have left: the attempt that it spoils is not the only one.
            int[] peers = new int[Count];
            long before = GC.GetTotalMemory(forceFullCollection: true);
            Open(group.Loops[0], handler, Count).CopyTo(peers, 0);
            each = (double)(GC.GetTotalMemory(forceFullCollection: true) - before) / Count;
            Assert.Equal(Count + warm.Length, group.Loops[0].SocketCount);
            Close(peers);
            Assert.True(SpinWait.SpinUntil(() => group.Loops[0].SocketCount == warm.Length, TestServer.Patience));
        }

        Assert.InRange(each, 100, MostBytes);
        Close(warm);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task An_echo_allocates_nothing(EventLoopKind kind)
    {
        await using var group = new EventLoopGroup(new EventLoopOptions { LoopCount = 1, Kind = kind });
        EventLoop loop = group.Loops[0];
        int peer = Open(loop, new EchoHandler(), 1)[0];
        Echo(peer, 2000);
        long before = await AllocatedAsync(loop);

        const int Messages = 5000;
        Echo(peer, Messages);

        // To ask for the number costs a little itself.
        Assert.InRange(await AllocatedAsync(loop) - before, 0, Messages / 10);
        _ = LibC.close(peer);
    }

    private static void Close(int[] peers) => Array.ForEach(peers, static peer => _ = LibC.close(peer));

    private static Task<long> AllocatedAsync(EventLoop loop)
    {
        var answer = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(state => ((TaskCompletionSource<long>)state!).SetResult(GC.GetAllocatedBytesForCurrentThread()), answer);
        return answer.Task.WaitAsync(TestServer.Patience);
    }

    private static unsafe void Echo(int peer, int messages)
    {
        ReadOnlySpan<byte> hello = [0x81, 0x82, 1, 2, 3, 4, (byte)'h' ^ 1, (byte)'i' ^ 2];
        byte* reply = stackalloc byte[8];
        fixed (byte* start = hello)
        {
            for (int i = 0; i < messages; i++)
            {
                Assert.Equal(hello.Length, Write(peer, start, hello.Length));
                Assert.Equal(4, Read(peer, reply, 8));
            }
        }

        Assert.Equal([0x81, 2, (byte)'h', (byte)'i'], new ReadOnlySpan<byte>(reply, 4).ToArray());
    }

    // Opens pairs of sockets, of which the loop gets one each, and has each echo a message. Returns the others.
    private static unsafe int[] Open(EventLoop loop, WebSocketHandler handler, int count)
    {
        const int Unix = 1,
            Stream = 1,
            NonBlocking = 0x800;
        int* pair = stackalloc int[2];
        int[] peers = new int[count];
        for (int i = 0; i < count; i++)
        {
            Assert.Equal(0, SocketPair(Unix, Stream, 0, pair));
            Assert.Equal(0, FileControl(pair[0], SetFlags, NonBlocking));
            LoopSocket socket = loop.Adopt(pair[0], WebSocketSocketHandler.Instance);
            Assert.True(SpinWait.SpinUntil(() => socket.State is not null, TestServer.Patience));
            new WebSocketConnection((LoopTransport)socket.State!, WebSocketRole.Server, handler: handler).Start();
            Echo(pair[1], 1);
            peers[i] = pair[1];
        }

        return peers;
    }

    private const int SetFlags = 4;

    [LibraryImport("libc", EntryPoint = "socketpair")]
    private static unsafe partial int SocketPair(int domain, int type, int protocol, int* pair);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int FileControl(int descriptor, int command, nint argument);

    [LibraryImport("libc", EntryPoint = "read")]
    private static unsafe partial nint Read(int descriptor, byte* buffer, nint length);

    [LibraryImport("libc", EntryPoint = "write")]
    private static unsafe partial nint Write(int descriptor, byte* buffer, nint length);

    [CollectionDefinition(nameof(AloneInTheProcess), DisableParallelization = true)]
    public sealed class AloneInTheProcess;

    private sealed class EchoHandler : WebSocketHandler
    {
        public override void OnMessage(WebSocketConnection connection, MessageType type, ReadOnlySpan<byte> payload) =>
            connection.TrySend(payload, type);
    }
}
