using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Longwire.Transport.Linux.Tests;

/// <summary>HTTP under load, with and without TLS. It counts the descriptors of the process, so nothing else may run meanwhile.</summary>
[Collection(nameof(DescriptorExhaustionTests))]
public class HttpLoadTests
{
    private const int LargeBytes = 20_000_000;

    [Theory]
    [ClassData(typeof(KindsBothWays))]
    public async Task After_bodies_of_all_kinds_and_aborts_in_their_middle_nothing_is_left(EventLoopKind kind, bool tls)
    {
        using X509Certificate2 certificate = HttpTests.MakeCertificate();
        await using WebServer server = await WebServer.StartAsync(
            kind,
            Map,
            endpoint =>
            {
                if (tls)
                {
                    endpoint.UseHttps(certificate);
                }
            },
            options =>
            {
                // So few and small that a single one that is not given back would show.
                options.Loops.RingBufferCount = 4;
                options.Loops.RingBufferBytes = 16 * 1024;
                options.Loops.ReceiveBufferBytes = 16 * 1024;
            }
        );
        await RunAsync(server);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        int before = OpenDescriptors.CountSockets();
        for (int round = 0; round < 2; round++)
        {
            await RunAsync(server);
        }

        Assert.Equal(before, OpenDescriptors.CountSockets());
        Assert.All(server.Group.Loops, loop => Assert.Equal(0, loop.HandlerFaults));
        Assert.All(server.Group.Loops.OfType<IoUringLoop>(), loop => Assert.Equal(0, loop.HeldCount));
    }

    private static async Task RunAsync(WebServer server)
    {
        using (
            var handler = new SocketsHttpHandler
            {
                UseProxy = false,
                SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true },
            }
        )
        using (var client = new HttpClient(handler) { BaseAddress = server.Address, Timeout = TestServer.Patience })
        {
            await Task.WhenAll(
                Task.WhenAll(Enumerable.Range(0, 8).Select(i => AskOftenAsync(client, i))),
                Task.WhenAll(Enumerable.Range(0, 4).Select(i => StoreAsync(client, 1_000_000 + i, chunked: i % 2 == 0))),
                StoreAsync(client, LargeBytes, chunked: true),
                Task.WhenAll(Enumerable.Range(0, 4).Select(_ => LeaveDownloadAsync(client))),
                Task.WhenAll(Enumerable.Range(0, 4).Select(_ => LeaveUploadAsync(client))),
                Task.WhenAll(Enumerable.Range(0, 4).Select(_ => BeLeftAsync(client))),
                Task.WhenAll(Enumerable.Range(0, 4).Select(i => ConnectAndLeaveAsync(server, reset: i % 2 == 0)))
            );
        }

        await server.UntilEmptyAsync();
    }

    private static async Task AskOftenAsync(HttpClient client, int caller)
    {
        for (int i = 0; i < 30; i++)
        {
            Assert.Equal($"<{caller} {i}>", await client.GetStringAsync($"/number/{caller}/{i}"));
        }
    }

    private static async Task StoreAsync(HttpClient client, int length, bool chunked)
    {
        byte[] body = Data.Pattern(length);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/store") { Content = new ByteArrayContent(body) };
        request.Headers.TransferEncodingChunked = chunked;
        if (chunked)
        {
            request.Content.Headers.ContentLength = null;
        }

        using HttpResponseMessage response = await client.SendAsync(request);
        Assert.Equal(chunked, response.Headers.TransferEncodingChunked ?? false);
        byte[] stored = await response.Content.ReadAsByteArrayAsync();
        Assert.True(stored.AsSpan().SequenceEqual(body));
    }

    private static async Task LeaveDownloadAsync(HttpClient client)
    {
        using HttpResponseMessage response = await client.GetAsync("/much", HttpCompletionOption.ResponseHeadersRead);
        using Stream body = await response.Content.ReadAsStreamAsync();
        await body.ReadExactlyAsync(new byte[50_000]);
    }

    private static async Task LeaveUploadAsync(HttpClient client)
    {
        using var content = new BreakingContent();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => client.PostAsync("/store", content));
    }

    private static async Task BeLeftAsync(HttpClient client)
    {
        using HttpResponseMessage response = await client.GetAsync("/broken", HttpCompletionOption.ResponseHeadersRead);
        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsByteArrayAsync());
    }

    private static async Task ConnectAndLeaveAsync(WebServer server, bool reset)
    {
        Socket socket = await server.ConnectAsync();
        await socket.SendAllAsync(Encoding.ASCII.GetBytes("GET /number/1/1 HTTP/1.1\r\nHo"));
        if (reset)
        {
            socket.Reset();
        }
        else
        {
            socket.Dispose();
        }
    }

    private static void Map(WebApplication app)
    {
        app.MapGet("/number/{caller}/{number}", (int caller, int number) => $"<{caller} {number}>");
        app.MapGet("/much", (HttpContext context) => WriteAsync(context, LargeBytes));
        app.MapGet(
            "/broken",
            async (HttpContext context) =>
            {
                await WriteAsync(context, 1_000_000);
                await context.Response.Body.FlushAsync();
                context.Abort();
            }
        );
        app.MapPost(
            "/store",
            async context =>
            {
                context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
                using var body = new MemoryStream();
                await context.Request.Body.CopyToAsync(body, context.RequestAborted);
                if (context.Request.ContentLength is { } length)
                {
                    context.Response.ContentLength = length;
                }

                await context.Response.Body.WriteAsync(body.GetBuffer().AsMemory(0, (int)body.Length), context.RequestAborted);
            }
        );
    }

    private static async Task WriteAsync(HttpContext context, int length)
    {
        byte[] part = new byte[100_000];
        for (int sent = 0; sent < length; sent += part.Length)
        {
            await context.Response.Body.WriteAsync(part, context.RequestAborted);
        }
    }

    /// <summary>Fails in the middle, and so the client ends the connection.</summary>
    private sealed class BreakingContent : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(new byte[200_000]);
            await stream.FlushAsync();
            throw new IOException("On purpose.");
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 500_000;
            return true;
        }
    }
}
