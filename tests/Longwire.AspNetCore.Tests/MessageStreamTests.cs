using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Longwire.Client;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Longwire.AspNetCore.Tests;

/// <summary>A message that is larger than all buffers on the way, through TLS and Kestrel and back.</summary>
public abstract class MessageStreamTests(ServerTransport transport) : ServerTests(transport)
{
    public sealed class OnKestrel() : MessageStreamTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : MessageStreamTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : MessageStreamTests(ServerTransport.IoUring);

    private const int Parts = 400;
    private const int PartBytes = 100_000;

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(1, true)]
    public async Task A_large_message_is_held_back_until_it_is_read_and_arrives_whole(int version, bool deflate)
    {
        using X509Certificate2 certificate = TestServer.CreateCertificate();
        var mayRead = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var connection = new WebSocketConnectionOptions
        {
            MaxStreamedMessageBytes = 1L << 30,
            Deflate = new DeflateOptions { Enabled = deflate },
        };
        await using TestServer server = await StartServerAsync(
            application =>
                application.MapWebSocket(
                    "/sum",
                    async (socket, token) =>
                    {
                        await mayRead.Task;
                        WebSocketReadStream message = await socket.ReadStreamAsync(token);
                        await socket.SendTextAsync(Convert.ToHexString(await SHA256.HashDataAsync(message, token)), token);
                        await socket.ReadStreamAsync(token);
                    },
                    endpoint => endpoint.Connection = connection
                ),
            certificate: certificate,
            protocols: HttpProtocols.Http1AndHttp2
        );
        WebSocketConnection socket = await WebSocketClient.ConnectAsync(
            new Uri($"wss://localhost:{server.Port}/sum"),
            new WebSocketClientOptions
            {
                HttpVersion = version == 2 ? HttpVersion.Version20 : HttpVersion.Version11,
                Connection = connection,
                Tls = new() { RemoteCertificateValidationCallback = (_, presented, _, _) => certificate.Equals(presented) },
            }
        );
        Assert.Equal(deflate, socket.Deflate is not null);

        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        int written = 0;
        Task writing = Task.Run(async () =>
        {
            byte[] part = new byte[PartBytes];
            var random = new Random(1);
            await using WebSocketWriteStream message = await socket.OpenMessageAsync(MessageType.Binary);
            for (int i = 0; i < Parts; i++)
            {
                random.NextBytes(part);
                sum.AppendData(part);
                await message.WriteAsync(part);
                Interlocked.Increment(ref written);
            }

            await message.CompleteAsync();
        });
        // Nobody reads: what the systems' buffers take is less than the message.
        await Patience.UntilAsync(() => socket.PendingSendBytes > 0, "a write is held back");
        Assert.False(writing.IsCompleted);
        mayRead.SetResult();
        await writing.WaitAsync(Patience.Long);
        Assert.Equal(Parts, written);
        using var reader = new StreamReader(await socket.ReadStreamAsync().AsTask().WaitAsync(Patience.Long));
        Assert.Equal(Convert.ToHexString(sum.GetHashAndReset()), await reader.ReadToEndAsync());
        await socket.CloseAsync().WaitAsync(Patience.Long);
        Assert.Equal(CloseStatus.NormalClosure, socket.CloseStatus);
        Assert.Empty(server.Log.Errors);
    }
}
