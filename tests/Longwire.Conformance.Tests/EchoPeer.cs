using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Longwire.Conformance.Tests;

/// <summary>A small echo server over TCP that is right, but for one fault that it can be given.</summary>
internal sealed class EchoPeer : IAsyncDisposable
{
    private readonly EchoFault _fault;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    public EchoPeer(EchoFault fault)
    {
        _fault = fault;
        _listener.Start();
        _accepting = Task.Run(AcceptAsync);
    }

    public Uri Uri => new($"ws://{_listener.LocalEndpoint}/echo");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                client.NoDelay = true;
                Task serving = Task.Run(() => ServeAsync(client));
                if (_fault == EchoFault.DiesOfAReset)
                {
                    // Else a client that comes behind the reset could be served before the reset is noticed.
                    await serving;
                }
            }
        }
        catch (Exception exception)
            when (exception is OperationCanceledException or SocketException or ObjectDisposedException or InvalidOperationException) { }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                NetworkStream stream = client.GetStream();
                HttpHead? request = await HttpReader.ReadAsync(stream, TimeSpan.FromSeconds(10), _stop.Token);
                if (request is not null)
                {
                    await AnswerAsync(stream, request);
                }
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
            {
                if (_fault == EchoFault.DiesOfAReset && exception is IOException)
                {
                    _listener.Stop();
                }
            }
        }
    }

    private async Task AnswerAsync(NetworkStream stream, HttpHead request)
    {
        string? key = request.Find("Sec-WebSocket-Key");
        if (key is null && _fault != EchoFault.OpensWithoutKey)
        {
            await stream.WriteAsync("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), _stop.Token);
            return;
        }

        string accept = HandshakeRequest.AcceptFor(_fault == EchoFault.SendsAcceptForAnotherKey ? "another" : key ?? "");
        (string extension, DeflateAgreement? agreement) = Negotiate(request.Find(ExtensionHeader.HeaderName));
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n{extension}\r\n"
            ),
            _stop.Token
        );
        EchoSession session = new(stream, _fault, agreement, _fault == EchoFault.LosesEarlyFrames ? [] : request.Rest, _stop.Token);
        await session.RunAsync();
    }

    private (string Header, DeflateAgreement? Agreement) Negotiate(string? offers)
    {
        if (_fault == EchoFault.AgreesToIllegalOffers && offers is not null)
        {
            return ($"Sec-WebSocket-Extensions: permessage-deflate\r\n", new());
        }

        foreach (ExtensionHeader offer in ExtensionHeader.Parse(offers))
        {
            // Only offers that this suite's cases make: enough for the cases with compression.
            int bits = offer.BitsOf("server_max_window_bits");
            if (offer.Name != "permessage-deflate" || bits < 9 || offer.ValueOf("client_max_window_bits") is not null)
            {
                continue;
            }

            string header =
                "Sec-WebSocket-Extensions: permessage-deflate"
                + (offer.Has("server_max_window_bits") ? $"; server_max_window_bits={bits}" : "")
                + (offer.Has("server_no_context_takeover") ? "; server_no_context_takeover" : "")
                + "\r\n";
            return (header, new() { SuiteWindowBits = bits, SuiteNoContextTakeover = offer.Has("server_no_context_takeover") });
        }

        return ("", null);
    }
}
