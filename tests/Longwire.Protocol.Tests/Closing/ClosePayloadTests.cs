using System.Text;

namespace Longwire.Protocol.Tests;

public sealed class ClosePayloadTests
{
    private static byte[] Write(CloseStatus status, string reason)
    {
        byte[] payload = new byte[FrameHeader.MaxControlPayloadLength];
        return payload[..ClosePayload.Write(payload, status, reason)];
    }

    [Theory]
    [InlineData(1000, "")]
    [InlineData(1001, "Going away")]
    [InlineData(4999, "Grüße, 世界 😀")]
    public void What_is_written_is_read_back(int status, string reason)
    {
        byte[] payload = Write((CloseStatus)status, reason);
        Assert.Equal(Wire.ClosePayload(status, reason), payload);
        Assert.True(ClosePayload.TryRead(payload, out CloseStatus readStatus, out string readReason, out _));
        Assert.Equal((status, reason), ((int)readStatus, readReason));
    }

    [Fact]
    public void An_empty_payload_is_no_status_and_no_status_is_an_empty_payload()
    {
        Assert.Empty(Write(CloseStatus.NoStatus, "is not sent"));
        Assert.True(ClosePayload.TryRead([], out CloseStatus status, out string reason, out _));
        Assert.Equal((CloseStatus.NoStatus, ""), (status, reason));
    }

    [Fact]
    public void A_payload_of_one_byte_is_an_error()
    {
        Assert.False(ClosePayload.TryRead([3], out _, out _, out ProtocolError error));
        Assert.Equal(ProtocolErrors.ClosePayloadTooShort, error);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(999)]
    [InlineData(1004)]
    [InlineData(1005)]
    [InlineData(1006)]
    [InlineData(1015)]
    [InlineData(2999)]
    [InlineData(5000)]
    [InlineData(65535)]
    public void A_status_that_must_not_be_on_the_wire_is_an_error(int status)
    {
        Assert.False(ClosePayload.TryRead(Wire.ClosePayload(status), out _, out _, out ProtocolError error));
        Assert.Equal(ProtocolErrors.CloseStatusInvalid, error);
    }

    [Theory]
    [InlineData("80")]
    [InlineData("C3")]
    [InlineData("EDA080")]
    public void A_reason_that_is_not_UTF8_is_an_error(string reason)
    {
        byte[] payload = [.. Wire.ClosePayload(1000), .. Convert.FromHexString(reason)];
        Assert.False(ClosePayload.TryRead(payload, out _, out _, out ProtocolError error));
        Assert.Equal(ProtocolErrors.CloseReasonNotUtf8, error);
    }

    [Fact]
    public void A_reason_that_is_too_long_is_cut_at_a_character()
    {
        for (int ascii = 110; ascii <= 130; ascii++)
        {
            foreach (string last in (string[])["x", "é", "€", "😀"])
            {
                string reason = new string('a', ascii) + last + "tail that may not fit";
                string read = Encoding.UTF8.GetString(Write(CloseStatus.NormalClosure, reason)[2..]);
                Assert.StartsWith(read, reason, StringComparison.Ordinal);
                Assert.InRange(Encoding.UTF8.GetByteCount(read), ClosePayload.MaxReasonLength - 3, ClosePayload.MaxReasonLength);
            }
        }
    }

    [Fact]
    public void A_lone_surrogate_in_a_reason_becomes_the_replacement_character() =>
        Assert.Equal(Wire.ClosePayload(1000, "a\uFFFDb"), Write(CloseStatus.NormalClosure, "a\uD800b"));
}
