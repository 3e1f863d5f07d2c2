using System.Buffers;
using System.IO.Pipelines;

namespace Longwire.Transport.Linux;

internal sealed partial class PipeSocketHandler
{
    // Up to this size bytes are copied to the turn's cork and leave with all else; more go to the kernel straight from the pipe.
    private const int CorkLimitBytes = 16 * 1024;

    private async Task SendAsync()
    {
        PipeReader reader = _sending.Reader;
        Exception? error = null;
        try
        {
            while (true)
            {
                ReadResult result = await reader.ReadAsync().ConfigureAwait(false);
                ReadOnlySequence<byte> buffer = result.Buffer;
                bool sent = await SendAsync(buffer).ConfigureAwait(false);
                reader.AdvanceTo(buffer.End);
                if (_detachTo is not null && result.IsCanceled && sent)
                {
                    TakeOver();
                    return;
                }

                if (!sent || result.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (Exception exception)
        {
            // Kestrel completed its side with an error: what it wrote is not a whole answer, and must not look like one.
            error = exception;
        }

        reader.Complete(error);
        if (error is null)
        {
            _socket.Close();
        }
        else
        {
            _socket.Abort();
        }

        RefuseDetach();
        _sent.TrySetResult();
    }

    /// <returns>False where the socket has ended.</returns>
    private async ValueTask<bool> SendAsync(ReadOnlySequence<byte> buffer)
    {
        if (_ended)
        {
            return false;
        }

        if (buffer.Length <= CorkLimitBytes)
        {
            foreach (ReadOnlyMemory<byte> segment in buffer)
            {
                _socket.Send(segment.Span);
            }
        }
        else
        {
            foreach (ReadOnlyMemory<byte> segment in buffer)
            {
                int sent = 0;
                while ((sent += _socket.Write(segment.Span[sent..])) < segment.Length)
                {
                    if (_ended || _socket.IsClosed)
                    {
                        return false;
                    }

                    await _writable.WaitAsync().ConfigureAwait(false);
                }
            }
        }

        // Kestrel may go on writing into the pipe until that is full; from there on it waits as well.
        while (_socket.PendingBytes > 0 && !_ended)
        {
            await _writable.WaitAsync().ConfigureAwait(false);
        }

        return !_ended;
    }
}
