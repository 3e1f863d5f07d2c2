using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Longwire.Transport.Linux.Tests;

public class HttpTests
{
    private static readonly byte[] _big = Data.Pattern(10_000_000);

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Requests_are_answered_over_one_connection_kept_alive(EventLoopKind kind)
    {
        await using WebServer server = await WebServer.StartAsync(kind, Map);
        using var client = new HttpClient { BaseAddress = server.Address };
        string first = await client.GetStringAsync("/connection");
        for (int i = 0; i < 200; i++)
        {
            Assert.Equal(first, await client.GetStringAsync("/connection"));
        }

        Assert.Equal(1, server.Group.SocketCount);
        Assert.StartsWith("127.0.0.1:", first[(first.IndexOf(' ', StringComparison.Ordinal) + 1)..], StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Pipelined_requests_are_answered_in_order(EventLoopKind kind)
    {
        await using WebServer server = await WebServer.StartAsync(kind, Map);
        using Socket client = await server.ConnectAsync();
        var requests = new StringBuilder();
        for (int i = 0; i < 100; i++)
        {
            string close = i == 99 ? "Connection: close\r\n" : "";
            requests.Append(System.Globalization.CultureInfo.InvariantCulture, $"GET /number/{i} HTTP/1.1\r\nHost: x\r\n{close}\r\n");
        }

        await client.SendAllAsync(Encoding.ASCII.GetBytes(requests.ToString()));
        string answers = Encoding.ASCII.GetString(await client.ReceiveToEndAsync());
        int at = 0;
        for (int i = 0; i < 100; i++)
        {
            at = answers.IndexOf($"<{i}>", at, StringComparison.Ordinal);
            Assert.True(at >= 0, $"The answer to request {i} is missing.");
        }
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Large_bodies_go_up_and_come_down_unharmed(EventLoopKind kind)
    {
        await using WebServer server = await WebServer.StartAsync(kind, Map);
        using var client = new HttpClient { BaseAddress = server.Address };
        byte[] body = Data.Pattern(20_000_000);
        await Task.WhenAll(
            Enumerable
                .Range(0, 4)
                .Select(async _ =>
                {
                    using var content = new ByteArrayContent(body);
                    using HttpResponseMessage response = await client.PostAsync("/store", content);
                    Assert.Equal(body, await response.Content.ReadAsByteArrayAsync());
                })
        );
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_body_is_echoed_while_it_is_still_being_sent(EventLoopKind kind)
    {
        const int Length = 10_000_000;
        await using WebServer server = await WebServer.StartAsync(kind, Map);
        using Socket client = await server.ConnectAsync();
        await client.SendAllAsync(Encoding.ASCII.GetBytes($"POST /echo HTTP/1.0\r\nContent-Length: {Length}\r\n\r\n"));
        Task sending = client.SendAllAsync(Data.Pattern(Length));
        byte[] answer = await client.ReceiveToEndAsync();
        await sending;
        Assert.Equal(Data.Pattern(Length), answer[^Length..]);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_slow_reader_of_a_large_answer_gets_all_of_it_before_the_connection_closes(EventLoopKind kind)
    {
        await using WebServer server = await WebServer.StartAsync(kind, Map);
        using Socket client = await server.ConnectAsync(client => client.ReceiveBufferSize = 4096);
        await client.SendAllAsync("GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray());
        byte[] answer = await client.ReceiveToEndAsync();
        Assert.Equal(Data.Pattern(10_000_000), answer[^10_000_000..]);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task An_upload_that_is_not_read_holds_the_client_back_and_is_received_when_it_is(EventLoopKind kind)
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using WebServer server = await WebServer.StartAsync(
            kind,
            app =>
                app.MapPost(
                    "/later",
                    async context =>
                    {
                        await go.Task;
                        await StoreAsync(context);
                    }
                )
        );
        using var client = new HttpClient { BaseAddress = server.Address };
        byte[] body = Data.Pattern(25_000_000);
        using var content = new ByteArrayContent(body);
        Task<HttpResponseMessage> posting = client.PostAsync("/later", content);
        go.SetResult();
        using HttpResponseMessage response = await posting;
        Assert.Equal(body, await response.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_client_that_resets_in_the_middle_of_a_request_aborts_it(EventLoopKind kind)
    {
        var aborted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using WebServer server = await WebServer.StartAsync(
            kind,
            app =>
                app.MapGet(
                    "/wait",
                    async context =>
                    {
                        await context.Response.WriteAsync("begun");
                        await context.Response.Body.FlushAsync();
                        context.RequestAborted.Register(aborted.SetResult);
                        await aborted.Task;
                    }
                )
        );
        Socket client = await server.ConnectAsync();
        await client.SendAllAsync("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
        await client.ReceiveExactlyAsync(20);
        client.Reset();
        await aborted.Task.WaitAsync(TestServer.Patience);
        await server.UntilEmptyAsync();
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_client_that_resets_in_the_middle_of_its_upload_is_no_error_of_the_application(EventLoopKind kind)
    {
        var log = new ListLogger();
        await using WebServer server = await WebServer.StartAsync(
            kind,
            Map,
            services: services => services.AddLogging(logging => logging.AddProvider(new ListLoggerProvider(log)))
        );
        // Again and again, as it matters what HTTP hears first: the error of the read, or that the connection is lost.
        for (int i = 0; i < 50; i++)
        {
            Socket client = await server.ConnectAsync();
            await client.SendAllAsync("POST /store HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n"u8.ToArray());
            await client.SendAllAsync(new byte[1000 * i]);
            client.Reset();
        }

        await server.UntilEmptyAsync();
        await server.StopAsync();
        Assert.DoesNotContain(log.Entries, static entry => entry.Level >= LogLevel.Error);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task An_application_that_aborts_resets_the_client(EventLoopKind kind)
    {
        await using WebServer server = await WebServer.StartAsync(
            kind,
            app =>
                app.MapGet(
                    "/abort",
                    context =>
                    {
                        context.Abort();
                        return Task.CompletedTask;
                    }
                )
        );
        using Socket client = await server.ConnectAsync();
        await client.SendAllAsync("GET /abort HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
        await Assert.ThrowsAnyAsync<Exception>(() => client.ReceiveExactlyAsync(1));
        await server.UntilEmptyAsync();
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task A_half_closed_client_gets_its_answer(EventLoopKind kind)
    {
        await using WebServer server = await WebServer.StartAsync(kind, Map);
        using Socket client = await server.ConnectAsync();
        await client.SendAllAsync("GET /number/5 HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
        client.Shutdown(SocketShutdown.Send);
        Assert.Contains("<5>", Encoding.ASCII.GetString(await client.ReceiveToEndAsync()), StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task It_works_under_tls(EventLoopKind kind)
    {
        using X509Certificate2 certificate = MakeCertificate();
        await using WebServer server = await WebServer.StartAsync(kind, Map, endpoint => endpoint.UseHttps(certificate));
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true },
        };
        using var client = new HttpClient(handler) { BaseAddress = server.Address };
        byte[] body = Data.Pattern(3_000_000);
        await Task.WhenAll(
            Enumerable
                .Range(0, 4)
                .Select(async _ =>
                {
                    using var content = new ByteArrayContent(body);
                    using HttpResponseMessage response = await client.PostAsync("/echo", content);
                    Assert.Equal(body, await response.Content.ReadAsByteArrayAsync());
                })
        );
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task It_works_under_http_2(EventLoopKind kind)
    {
        await using WebServer server = await WebServer.StartAsync(kind, Map, endpoint => endpoint.Protocols = HttpProtocols.Http2);
        using var client = new HttpClient
        {
            BaseAddress = server.Address,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        byte[] body = Data.Pattern(2_000_000);
        await Task.WhenAll(
            Enumerable
                .Range(0, 20)
                .Select(async _ =>
                {
                    using var content = new ByteArrayContent(body);
                    using HttpResponseMessage response = await client.PostAsync("/store", content);
                    Assert.Equal(body, await response.Content.ReadAsByteArrayAsync());
                })
        );
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Http_may_run_on_the_loops_themselves(EventLoopKind kind)
    {
        await using WebServer server = await WebServer.StartAsync(kind, Map, configure: options => options.UnsafeRunHttpOnLoops = true);
        using var client = new HttpClient { BaseAddress = server.Address };
        byte[] body = Data.Pattern(1_000_000);
        for (int i = 0; i < 10; i++)
        {
            using var content = new ByteArrayContent(body);
            using HttpResponseMessage response = await client.PostAsync("/echo", content);
            Assert.Equal(body, await response.Content.ReadAsByteArrayAsync());
        }
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task After_a_mixed_load_with_aborts_no_connection_is_left(EventLoopKind kind)
    {
        await using WebServer server = await WebServer.StartAsync(kind, Map);
        byte[] upload = Encoding.ASCII.GetBytes("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n");
        await Task.WhenAll(
            Enumerable
                .Range(0, 200)
                .Select(async i =>
                {
                    Socket client = await server.ConnectAsync();
                    switch (i % 5)
                    {
                        case 0:
                            // Away in the middle of an upload.
                            await client.SendAllAsync(upload);
                            await client.SendAllAsync(new byte[100_000]);
                            client.Reset();
                            return;
                        case 1:
                            // Away in the middle of a download.
                            await client.SendAllAsync("GET /big HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
                            await client.ReceiveExactlyAsync(50_000);
                            client.Reset();
                            return;
                        case 2:
                            // Connected and gone.
                            break;
                        case 3:
                            await client.SendAllAsync("GET /number/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray());
                            await client.ReceiveToEndAsync();
                            break;
                        default:
                            await client.SendAllAsync("GET / HTTP"u8.ToArray());
                            break;
                    }

                    client.Dispose();
                })
        );
        await server.UntilEmptyAsync();
        Assert.All(server.Group.Loops, loop => Assert.Equal(0, loop.HandlerFaults));
    }

    [Theory]
    [ClassData(typeof(Kinds))]
    public async Task Stopping_the_server_lets_requests_finish_and_closes_every_connection(EventLoopKind kind)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using WebServer server = await WebServer.StartAsync(
            kind,
            app =>
                app.MapGet(
                    "/",
                    async () =>
                    {
                        begun.SetResult();
                        await go.Task;
                        return "done";
                    }
                )
        );
        using var client = new HttpClient { BaseAddress = server.Address };
        Task<string> asking = client.GetStringAsync("/");
        await begun.Task.WaitAsync(TestServer.Patience);
        Task stopping = server.StopAsync();
        go.SetResult();
        Assert.Equal("done", await asking);
        await stopping.WaitAsync(TestServer.Patience);
        client.Dispose();
        await server.UntilEmptyAsync();
    }

    private static void Map(WebApplication app)
    {
        app.MapGet(
            "/connection",
            (HttpContext context) => $"{context.Connection.Id} {context.Connection.RemoteIpAddress}:{context.Connection.RemotePort}"
        );
        app.MapGet("/number/{number}", (int number) => $"<{number}>");
        app.MapGet(
            "/big",
            (HttpContext context) =>
            {
                context.Response.ContentLength = 10_000_000;
                return context.Response.Body.WriteAsync(_big).AsTask();
            }
        );
        app.MapPost("/store", StoreAsync);
        app.MapPost(
            "/echo",
            async context =>
            {
                context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = null;
                await context.Request.Body.CopyToAsync(context.Response.Body);
            }
        );
    }

    // HttpClient reads an answer only when it has sent all of the request.
    private static async Task StoreAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        await context.Response.Body.WriteAsync(body.ToArray());
    }

    internal static X509Certificate2 MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
