namespace Longwire.Cli.Terminal;

/// <summary>Lines of a pipe or a file, or of a terminal that edits them itself: bytes, whatever they are.</summary>
/// <param name="stream">The input.</param>
/// <param name="separator">The byte that ends a line; null makes all of the input one line.</param>
/// <param name="maxLineBytes">The longest line, in bytes; what is longer ends the reading.</param>
internal sealed class PipedInput(Stream stream, byte? separator = (byte)'\n', int maxLineBytes = PipedInput.MaxLineBytes) : LineInput
{
    /// <summary>The longest line unless it is said otherwise: 1 GiB, as the longest message.</summary>
    public const int MaxLineBytes = 1 << 30;

    private const int ReadBytes = 64 << 10;

    private byte[] _buffer = new byte[ReadBytes];
    private int _start;
    private int _end;
    private bool _ended;

    public override byte[]? ReadLine()
    {
        int searched = 0;
        while (true)
        {
            int place = separator is { } end ? _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf(end) : -1;
            if (place >= 0)
            {
                byte[] line = _buffer[_start..(_start + searched + place)];
                _start += searched + place + 1;
                return line;
            }

            searched = _end - _start;
            if (_ended)
            {
                byte[] rest = _buffer[_start.._end];
                _start = _end;
                return rest.Length == 0 ? null : rest;
            }

            Fill();
        }
    }

    private void Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            if (_buffer.Length >= maxLineBytes)
            {
                throw new IOException($"A line is longer than {maxLineBytes:N0} bytes.");
            }

            Array.Resize(ref _buffer, (int)Math.Min(2L * _buffer.Length, maxLineBytes));
        }

        int read = stream.Read(_buffer.AsSpan(_end));
        _end += read;
        _ended = read == 0;
    }
}
