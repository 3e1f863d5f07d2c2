using System.Net;
using System.Net.Sockets;

namespace Longwire.Hubs.Client.Tests;

/// <summary>
/// A TCP proxy that does to each connection, sooner or later, what networks do: cuts it, in the middle of a frame too, ends one direction,
/// freezes it, delays it. By chance, from a seed.
/// </summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _over = new();
    private readonly Random _random;
    private readonly int _target;
    private readonly Task _accepting;
    private volatile bool _isPeaceful;
    private int _faults;

    public FaultProxy(int target, int seed)
    {
        _target = target;
        _random = new Random(seed);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    private enum Fault
    {
        Cut,
        EndToClient,
        EndToServer,
        Freeze,
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How many faults there were.</summary>
    public int Faults => _faults;

    /// <summary>No fault follows.</summary>
    public void Calm() => _isPeaceful = true;

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _listener.Stop();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        List<Task> passages = [];
        try
        {
            while (true)
            {
                passages.Add(PassAsync(await _listener.AcceptSocketAsync(_over.Token)));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(passages);
        }
    }

    private async Task PassAsync(Socket client)
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        using (client)
        {
            await server.ConnectAsync(IPAddress.Loopback, _target);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(_over.Token);
            var passage = new Passage(client, server, end, (Fault)Next(4), Next(20_000) + 300);
            Task up = CopyAsync(client, server, passage);
            Task down = CopyAsync(server, client, passage);
            await Task.WhenAll(up, down);
        }
    }

    private async Task CopyAsync(Socket from, Socket to, Passage passage)
    {
        byte[] buffer = new byte[2_048];
        try
        {
            while (await from.ReceiveAsync(buffer, passage.End.Token) is var length and > 0)
            {
                int left = passage.Take(length);
                if (left >= 0 || _isPeaceful)
                {
                    if (Next(10) == 0)
                    {
                        await Task.Delay(Next(4), passage.End.Token);
                    }

                    await to.SendAsync(buffer.AsMemory(0, length), passage.End.Token);
                    continue;
                }

                // The first bytes of what came still pass: it is cut wherever it happens to be.
                await to.SendAsync(buffer.AsMemory(0, Next(length)), passage.End.Token);
                Interlocked.Increment(ref _faults);
                await FailAsync(passage);
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One side is gone, and so is the other.
            await passage.End.CancelAsync();
            passage.Client.Close(timeout: 0);
            passage.Server.Close(timeout: 0);
        }
    }

    private static async Task FailAsync(Passage passage)
    {
        switch (passage.Fault)
        {
            case Fault.EndToClient:
                passage.Client.Shutdown(SocketShutdown.Send);
                break;
            case Fault.EndToServer:
                passage.Server.Shutdown(SocketShutdown.Send);
                break;
            case Fault.Cut:
                throw new SocketException((int)SocketError.ConnectionReset);
        }

        // Nothing passes any more, in this direction; the sides have to find out.
        await Task.Delay(Timeout.Infinite, passage.End.Token);
    }

    private int Next(int limit)
    {
        lock (_random)
        {
            return _random.Next(limit);
        }
    }

    private sealed class Passage(Socket client, Socket server, CancellationTokenSource end, Fault fault, int bytes)
    {
        private int _left = bytes;

        public Socket Client => client;

        public Socket Server => server;

        public CancellationTokenSource End => end;

        public Fault Fault => fault;

        /// <summary>Counts bytes that pass, in both directions together.</summary>
        /// <returns>How many are left before the fault; below 0 when it is there.</returns>
        public int Take(int length) => Interlocked.Add(ref _left, -length);
    }
}
