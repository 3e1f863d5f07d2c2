using System.Net;
using System.Net.Sockets;

namespace Longwire.Soak;

/// <summary>
/// A TCP proxy that does to each connection, sooner or later, what networks do. By chance, from a seed: at which byte, in which direction,
/// what.
/// </summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private const int MostBytes = 20_000;
    private const int FewestBytes = 300;
    private const int LongestDelay = 300;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _over = new();
    private readonly int[] _counts = new int[Enum.GetValues<NetworkFault>().Length];
    private readonly Random _random;
    private readonly int _target;
    private readonly Task _accepting;
    private volatile bool _isPeaceful;

    public FaultProxy(int target, int seed)
    {
        _target = target;
        _random = new Random(seed);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How often there was one kind of fault.</summary>
    public int CountOf(NetworkFault fault) => Volatile.Read(ref _counts[(int)fault]);

    /// <summary>No fault follows.</summary>
    public void Calm() => _isPeaceful = true;

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _listener.Stop();
        await _accepting;
    }

    public override string ToString() => string.Join(", ", Enum.GetValues<NetworkFault>().Select(fault => $"{fault} {CountOf(fault)}"));

    private async Task AcceptAsync()
    {
        List<Task> passages = [];
        try
        {
            while (true)
            {
                passages.Add(PassAsync(await _listener.AcceptSocketAsync(_over.Token)));
                passages.RemoveAll(static passage => passage.IsCompletedSuccessfully);
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
            using var end = CancellationTokenSource.CreateLinkedTokenSource(_over.Token);
            var passage = new Passage(client, server, end);
            Arm(passage);
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _target);
            }
            catch (SocketException)
            {
                // The server is away.
                return;
            }

            await Task.WhenAll(CopyAsync(client, server, passage, isUp: true), CopyAsync(server, client, passage, isUp: false));
        }
    }

    private async Task CopyAsync(Socket from, Socket to, Passage passage, bool isUp)
    {
        byte[] buffer = new byte[2_048];
        try
        {
            while (await from.ReceiveAsync(buffer, passage.End.Token) is var length and > 0)
            {
                int passes = length;
                if (passage.Take(length, isUp) && !_isPeaceful)
                {
                    // The first bytes of what came still pass: it happens wherever it happens to be.
                    passes = await FailAsync(passage, to, buffer.AsMemory(0, length), Next(length));
                }

                if (Next(10) == 0)
                {
                    await Task.Delay(Next(4), passage.End.Token);
                }

                await SendAsync(to, buffer.AsMemory(length - passes, passes), passage.End.Token);
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

    /// <summary>Does what is due to a direction, and returns how many of the bytes still have to pass.</summary>
    private async Task<int> FailAsync(Passage passage, Socket to, Memory<byte> bytes, int at)
    {
        NetworkFault fault = passage.Fault;
        CancellationToken end = passage.End.Token;
        Interlocked.Increment(ref _counts[(int)fault]);
        switch (fault)
        {
            case NetworkFault.Delay:
                Arm(passage);
                await Task.Delay(Next(LongestDelay), end);
                return bytes.Length;
            case NetworkFault.Corrupt:
                // No frame begins so, no text has such a byte, and no HTTP either: what passes as good is worth nothing without TLS.
                bytes.Span[at..].Fill(0xff);
                await SendAsync(to, bytes, end);
                await Task.Delay(Next(100), end);
                throw new SocketException((int)SocketError.ConnectionReset);
            case NetworkFault.Reset:
                to.Close(timeout: 0);
                throw new SocketException((int)SocketError.ConnectionReset);
            case NetworkFault.Cut:
                await SendAsync(to, bytes[..at], end);
                to.Shutdown(SocketShutdown.Both);
                throw new SocketException((int)SocketError.ConnectionReset);
            case NetworkFault.HalfClose:
                await SendAsync(to, bytes[..at], end);
                to.Shutdown(SocketShutdown.Send);
                break;
            default:
                await SendAsync(to, bytes[..at], end);
                break;
        }

        // Nothing passes any more in this direction; the sides have to find out.
        await Task.Delay(Timeout.Infinite, end);
        return 0;
    }

    private static async Task SendAsync(Socket to, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await to.SendAsync(bytes, cancellationToken)..];
        }
    }

    private void Arm(Passage passage)
    {
        lock (_random)
        {
            var fault = (NetworkFault)_random.Next(_counts.Length);
            passage.Arm(fault, _random.Next(2) == 0, _random.Next(MostBytes) + FewestBytes);
        }
    }

    private int Next(int limit)
    {
        lock (_random)
        {
            return _random.Next(limit);
        }
    }

    private sealed class Passage(Socket client, Socket server, CancellationTokenSource end)
    {
        private readonly Lock _gate = new();
        private bool _isUp;
        private int _left;

        public Socket Client => client;

        public Socket Server => server;

        public CancellationTokenSource End => end;

        public NetworkFault Fault { get; private set; }

        /// <summary>Sets what happens in which direction, behind so many bytes of both.</summary>
        public void Arm(NetworkFault fault, bool isUp, int bytes)
        {
            lock (_gate)
            {
                (Fault, _isUp, _left) = (fault, isUp, bytes);
            }
        }

        /// <summary>Counts bytes that pass.</summary>
        /// <returns>Whether the fault is due, to the direction in which they pass.</returns>
        public bool Take(int length, bool isUp)
        {
            lock (_gate)
            {
                _left -= length;
                return _left < 0 && _isUp == isUp;
            }
        }
    }
}
