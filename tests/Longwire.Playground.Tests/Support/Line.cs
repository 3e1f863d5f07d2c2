using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Longwire.Playground.Tests;

/// <summary>
/// The line between browsers and a server: a TCP port that leads to it, and that is cut and mended. The server may come back at another one.
/// </summary>
internal sealed class Line : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _over = new();
    private readonly ConcurrentDictionary<Socket, Socket> _open = new();
    private readonly Task _accepting;
    private volatile bool _isCut;

    public Line(int target)
    {
        Target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>The server's port.</summary>
    public int Target { get; set; }

    public Uri Address => new($"http://localhost:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    /// <summary>Ends what is open, and lets nothing through.</summary>
    public void Cut()
    {
        _isCut = true;
        EndAll();
    }

    public void Mend() => _isCut = false;

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _listener.Stop();
        EndAll();
        await _accepting;
        _over.Dispose();
    }

    private void EndAll()
    {
        foreach ((Socket client, Socket server) in _open)
        {
            client.Close(timeout: 0);
            server.Close(timeout: 0);
        }
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
        using (client)
        using (var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true })
        {
            client.NoDelay = true;
            _open[client] = server;
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, Target, _over.Token);
                await Task.WhenAll(CopyAsync(client, server), CopyAsync(server, client));
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // One side is gone, or the line is: so is the other.
            }
            finally
            {
                _open.TryRemove(client, out _);
            }
        }
    }

    private async Task CopyAsync(Socket from, Socket to)
    {
        byte[] buffer = new byte[64 << 10];
        try
        {
            // Looked at here, too: a connection may have come while the line was being cut.
            while (!_isCut && await from.ReceiveAsync(buffer, _over.Token) is var length and > 0)
            {
                await to.SendAsync(buffer.AsMemory(0, length), _over.Token);
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            from.Close(timeout: 0);
            to.Close(timeout: 0);
        }
    }
}
