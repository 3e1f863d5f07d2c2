using System.Text;

namespace Longwire.Conformance;

/// <summary>Reads the head of a request or an answer from a stream, up to 64 KiB.</summary>
internal static class HttpReader
{
    private const int MaxBytes = 64 * 1024;

    /// <returns>The head, or null when the stream ended or the time was over before it was whole.</returns>
    public static async Task<HttpHead?> ReadAsync(Stream stream, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using CancellationTokenSource timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timer.CancelAfter(timeout);
        byte[] buffer = new byte[MaxBytes];
        int length = 0;
        try
        {
            while (length < buffer.Length)
            {
                int count = await stream.ReadAsync(buffer.AsMemory(length), timer.Token);
                if (count == 0)
                {
                    return null;
                }

                length += count;
                int end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
                if (end >= 0)
                {
                    return HttpHead.Parse(Encoding.Latin1.GetString(buffer, 0, end), buffer.AsSpan((end + 4)..length).ToArray());
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or ObjectDisposedException)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        return null;
    }
}
