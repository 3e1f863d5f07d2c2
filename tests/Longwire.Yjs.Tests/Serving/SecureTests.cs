using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Longwire.Client;

namespace Longwire.Yjs.Tests;

/// <summary>Documents over TLS, by HTTP/1.1 and by streams of HTTP/2 (RFC 8441).</summary>
public abstract class SecureTests(ServerTransport transport)
{
    private const int DocumentBytes = 3 << 20;

    public sealed class OnKestrel() : SecureTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : SecureTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : SecureTests(ServerTransport.IoUring);

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Edits_cursors_and_large_documents_come_to_everyone(string version)
    {
        await using YjsServer server = await StartAsync();
        using HttpMessageInvoker http = Client();
        await using YjsPeer ann = await JoinAsync(server, http, version);
        await using YjsPeer bob = await JoinAsync(server, http, version);
        ann.Write(Edits.Insert(1, 0, new string('a', DocumentBytes)));
        bob.Write(Edits.Insert(2, 0, "b"));
        await Patience.UntilAsync(() => bob.ClockOf(1) == DocumentBytes && ann.ClockOf(2) == 1, "both have both edits");
        ann.Show((1, 1, "{}"));
        await bob.SeesAsync(1, 1, "{}");

        await using YjsPeer late = await JoinAsync(server, http, version);
        await late.HasAsync(ann.State);
        await late.SeesAsync(1, 1, "{}");
        Assert.True(late.Connection.TryClose(CloseStatus.NormalClosure));
        Assert.Equal(CloseStatus.NormalClosure, (await late.Closed).Status);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Who_is_refused_or_may_only_read_learns_of_it(string version)
    {
        await using YjsServer server = await StartAsync(join =>
            join.HttpContext.Request.Query["key"] switch
            {
                ["write"] => join.Accept(),
                ["read"] => join.AcceptReadOnly(),
                _ => join.Refuse("no key"),
            }
        );
        using HttpMessageInvoker http = Client();
        await using YjsPeer ann = await JoinAsync(server, http, version, "?key=write");
        await using YjsPeer reader = await JoinAsync(server, http, version, "?key=read");
        reader.Write(Edits.Insert(2, 0, "not wanted"));
        await reader.WaitForAsync(static message => message is [2, ..], "the refusal");
        ann.Write(Edits.Insert(1, 0, "wanted"));
        await Patience.UntilAsync(() => reader.ClockOf(1) == 6, "the reader has the edit");
        Assert.Equal(0, ann.ClockOf(2));
        YjsPeer stranger = await ConnectAsync(server, http, version);
        Assert.Equal(YjsCloseStatus.Refused, (await stranger.Closed).Status);
    }

    [Fact]
    public async Task Clients_by_HTTP_2_share_one_connection_and_a_slow_one_holds_up_nobody()
    {
        await using YjsServer server = await StartAsync();
        using HttpMessageInvoker http = Client();
        await using YjsPeer ann = await JoinAsync(server, http, "2.0");
        YjsPeer slow = await JoinAsync(server, http, "2.0");
        await using YjsPeer bob = await JoinAsync(server, http, "2.0");
        slow.IsSlow = true;
        long clock = 0;
        for (int i = 0; i < 40; i++)
        {
            ann.Write(Edits.Insert(1, clock, new string('x', 100_000)));
            clock += 100_000;
            await Patience.UntilAsync(() => bob.ClockOf(1) == clock, "bob has the edit");
        }

        Assert.True(slow.ClockOf(1) < clock);
        slow.IsSlow = false;
        slow.Connection.ResumeReceiving();
        await Patience.UntilAsync(() => slow.ClockOf(1) == clock, "the slow one has caught up");
        await slow.DisposeAsync();
    }

    private static HttpMessageInvoker Client() =>
        new(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseProxy = false,
#pragma warning disable CA5359 // The certificate is the test's own.
                SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
#pragma warning restore CA5359
            }
        );

    private static async Task<YjsPeer> ConnectAsync(YjsServer server, HttpMessageInvoker http, string version, string query = "")
    {
        var peer = new YjsPeer();
        peer.Connection = await WebSocketClient.ConnectAsync(
            new Uri($"wss://localhost:{server.Port}/yjs/doc{query}"),
            peer,
            YjsServer.ClientOptions with
            {
                Invoker = http,
                HttpVersion = Version.Parse(version),
                ConnectTimeout = Patience.Long,
            }
        );
        return peer;
    }

    private static async Task<YjsPeer> JoinAsync(YjsServer server, HttpMessageInvoker http, string version, string query = "")
    {
        YjsPeer peer = await ConnectAsync(server, http, version, query);
        peer.Ask();
        await peer.SyncedAsync();
        return peer;
    }

    private Task<YjsServer> StartAsync(Func<YjsJoinRequest, YjsDecision>? onJoin = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return YjsServer.StartAsync(transport, onJoin: onJoin, certificate: certificate);
    }
}
