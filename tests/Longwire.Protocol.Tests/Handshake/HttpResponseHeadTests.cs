using System.Text;

namespace Longwire.Protocol.Tests;

public sealed class HttpResponseHeadTests
{
    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nA: b\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\nA: b\n\n")]
    [InlineData("HTTP/1.1 200 OK\r\nA: b\n\r\n")]
    [InlineData("HTTP/1.1 200\r\n\r\n")]
    public void The_end_is_found_however_the_bytes_are_cut(string head)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(head + "\r\n\r\nbehind");
        int searched = 0;
        for (int length = 0; length < head.Length; length++)
        {
            Assert.Equal(-1, HttpResponseHead.FindEnd(bytes.AsSpan(0, length), searched));
            searched = length;
        }

        Assert.Equal(head.Length, HttpResponseHead.FindEnd(bytes.AsSpan(0, head.Length), searched));
        Assert.Equal(head.Length, HttpResponseHead.FindEnd(bytes));
        Assert.Equal(200, HttpResponseHead.Parse(bytes.AsSpan(0, head.Length))!.Status);
    }

    [Fact]
    public void Status_reason_and_headers_are_read()
    {
        HttpResponseHead head = Parse("HTTP/1.1 403 Not You\r\nA: 1\r\nb :\t2 \r\na:  3\r\n  and\r\n\t more \r\nEmpty:\r\n\r\n");
        Assert.Equal((403, "Not You", false), (head.Status, head.Reason, head.IsHttp10));
        Assert.Equal("1,3 and more", head.Header("A"));
        Assert.Equal("2", head.Header("B"));
        Assert.Equal("", head.Header("empty"));
        Assert.Null(head.Header("other"));
        Assert.Equal(["A", "b", "a", "Empty"], head.Headers.Select(static header => header.Key));
    }

    [Fact]
    public void A_version_of_1_x_is_read_and_1_0_is_told_apart()
    {
        Assert.True(Parse("HTTP/1.0 101 \r\n\r\n").IsHttp10);
        Assert.False(Parse("HTTP/1.9 101 \r\n\r\n").IsHttp10);
    }

    [Theory]
    [InlineData("HTTP/2.0 200 OK")]
    [InlineData("HTTP/1.x 200 OK")]
    [InlineData("HTTP/1.1200 OK")]
    [InlineData("HTTP/1.1  200 OK")]
    [InlineData("HTTP/1.1 20 OK")]
    [InlineData("HTTP/1.1 2000 OK")]
    [InlineData("HTTP/1.1 -20 OK")]
    [InlineData("HTTP/1.1 099 OK")]
    [InlineData("http/1.1 200 OK")]
    [InlineData("HTTP/1.1")]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\n folded: before any header")]
    [InlineData("HTTP/1.1 200 OK\r\nno colon")]
    [InlineData("HTTP/1.1 200 OK\r\n: no name")]
    [InlineData("HTTP/1.1 200 OK\r\nA: a\rb")]
    [InlineData("HTTP/1.1 200 OK\r\nA: a\0b")]
    public void What_is_no_head_is_not_read(string head) =>
        Assert.Null(HttpResponseHead.Parse(Encoding.Latin1.GetBytes(head + "\r\n\r\n")));

    [Fact]
    public void The_first_bytes_tell_what_it_can_t_be()
    {
        Assert.True(HttpResponseHead.MayBegin("HT"u8));
        Assert.True(HttpResponseHead.MayBegin("HTTP/1.1 2"u8));
        Assert.True(HttpResponseHead.MayBegin([]));
        Assert.False(HttpResponseHead.MayBegin("HX"u8));
        Assert.True(HttpResponseHead.BeginsAsTls([0x15, 3, 3, 0, 2]));
        Assert.True(HttpResponseHead.BeginsAsTls([0x16]));
        Assert.False(HttpResponseHead.BeginsAsTls([0x16, 1]));
        Assert.False(HttpResponseHead.BeginsAsTls("HTTP/"u8));
    }

    private static HttpResponseHead Parse(string head)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(head);
        Assert.Equal(bytes.Length, HttpResponseHead.FindEnd(bytes));
        return HttpResponseHead.Parse(bytes)!;
    }
}
