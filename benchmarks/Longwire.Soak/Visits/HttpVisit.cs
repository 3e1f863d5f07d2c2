using System.Net;
using System.Text;

namespace Longwire.Soak;

/// <summary>Requests of HTTP between: uploads with a length and in chunks, downloads, a pipeline, and ends in the middle of each.</summary>
internal sealed class HttpVisit : Visit
{
    public override string Name => "HTTP";

    public override Task RunAsync(SoakTarget target, Random random) =>
        random.Next(5) switch
        {
            0 => DownloadAsync(target, random),
            1 => LeaveDownloadAsync(target, random),
            2 => LeaveUploadAsync(target, random),
            3 => PipelineAsync(target, random),
            _ => UploadAsync(target, random),
        };

    private static async Task UploadAsync(SoakTarget target, Random random)
    {
        byte[] body = Payload.Binary(random, Payload.Length(random));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/store") { Content = new ByteArrayContent(body) };
        if (random.Next(2) == 0)
        {
            request.Headers.TransferEncodingChunked = true;
            request.Content.Headers.ContentLength = null;
        }

        using HttpResponseMessage response = await target.Http.SendAsync(request);
        Expect(response.StatusCode == HttpStatusCode.OK, $"200, not {response.StatusCode}");
        Expect((await response.Content.ReadAsByteArrayAsync()).AsSpan().SequenceEqual(body), $"the {body.Length} bytes that were stored");
    }

    private static async Task DownloadAsync(SoakTarget target, Random random)
    {
        int seed = random.Next();
        byte[] expected = new byte[Payload.Length(random)];
        new Random(seed).NextBytes(expected);
        byte[] body = await target.Http.GetByteArrayAsync(new Uri($"/bytes/{seed}/{expected.Length}", UriKind.Relative));
        Expect(body.AsSpan().SequenceEqual(expected), $"{expected.Length} bytes of an answer");
    }

    private static async Task LeaveDownloadAsync(SoakTarget target, Random random)
    {
        using RawSocket socket = RawSocket.Connect(target, random.Next(2) * 4096);
        await socket.SendAsync(Encoding.ASCII.GetBytes("GET /bytes/1/1000000 HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        await socket.ReadSomeAsync(new byte[random.Next(1, 50_000)]);
        if (random.Next(2) == 0)
        {
            socket.Reset();
        }
    }

    private static async Task LeaveUploadAsync(SoakTarget target, Random random)
    {
        using RawSocket socket = RawSocket.Connect(target);
        string framing = random.Next(2) == 0 ? "Content-Length: 1000000\r\n\r\n" : "Transfer-Encoding: chunked\r\n\r\nfffff\r\n";
        await socket.SendAsync(Encoding.ASCII.GetBytes("POST /store HTTP/1.1\r\nHost: localhost\r\n" + framing));
        await socket.SendAsync(new byte[random.Next(1, 500_000)]);
        if (random.Next(2) == 0)
        {
            socket.Reset();
        }
    }

    private static async Task PipelineAsync(SoakTarget target, Random random)
    {
        using RawSocket socket = RawSocket.Connect(target);
        int count = random.Next(2, 30);
        var requests = new StringBuilder();
        for (int i = 0; i < count; i++)
        {
            requests.Append(
                System.Globalization.CultureInfo.InvariantCulture,
                $"POST /store HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n{(char)('a' + i % 26)}"
            );
        }

        await socket.SendAsync(Encoding.ASCII.GetBytes(requests.ToString()));
        byte[] chunk = new byte[1];
        for (int i = 0; i < count; i++)
        {
            await socket.ReadHeadAsync();
            // 1 CR LF letter CR LF 0 CR LF CR LF
            var body = new StringBuilder();
            for (int j = 0; j < 11; j++)
            {
                body.Append(await socket.ReadSomeAsync(chunk) == 1 ? (char)chunk[0] : '-');
            }

            Expect(body.ToString() == $"1\r\n{(char)('a' + i % 26)}\r\n0\r\n\r\n", $"the answer to request {i} of {count}, not {body}");
        }
    }
}
