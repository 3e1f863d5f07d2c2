using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Longwire.Yjs;

/// <summary>
/// A document's file: eight bytes that say what it is, then records. A record is the length of an update (4 bytes, little endian), a
/// checksum of that and the update (CRC-32C, 4 bytes), and the update.
/// </summary>
internal sealed partial class FileDocumentLog : IYjsDocumentLog
{
    public const string Extension = ".yjs";

    // Beside the file: what replaces it, until it does; what was cut off.
    public const string ReplacementExtension = ".new";
    public const string DamagedExtension = ".damaged";

    private const int HeaderLength = 8;

    private readonly string _path;
    private readonly YjsDurability _durability;
    private readonly ILogger _logger;
    private SafeFileHandle _file;

    private FileDocumentLog(string path, SafeFileHandle file, YjsDurability durability, ILogger logger)
    {
        _path = path;
        _file = file;
        _durability = durability;
        _logger = logger;
    }

    private static ReadOnlySpan<byte> Magic => "LWYJS\0\0\x01"u8;

    /// <inheritdoc/>
    public long Bytes { get; private set; }

    public static FileDocumentLog Open(string path, YjsDurability durability, ILogger logger)
    {
        // Nobody else may have it open; that lock ends with the process.
        SafeFileHandle file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        try
        {
            File.Delete(path + ReplacementExtension);
            return new FileDocumentLog(path, file, durability, logger);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<byte[]>> ReadAsync(CancellationToken cancellationToken = default)
    {
        var updates = new List<byte[]>();
        long length = RandomAccess.GetLength(_file);
        Span<byte> header = stackalloc byte[HeaderLength];
        long position = 0;
        if (length >= Magic.Length && ReadExactly(header, 0) && header.SequenceEqual(Magic))
        {
            position = Magic.Length;
            while (TryReadRecord(position, length) is { } update)
            {
                updates.Add(update);
                position += HeaderLength + update.Length;
            }
        }

        if (position < length)
        {
            CutTail(position, length);
        }

        if (position == 0)
        {
            RandomAccess.Write(_file, Magic, 0);
            position = Magic.Length;
            FlushFolder();
        }

        Bytes = position;
        return ValueTask.FromResult<IReadOnlyList<byte[]>>(updates);
    }

    /// <inheritdoc/>
    public ValueTask AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> updates, CancellationToken cancellationToken = default)
    {
        // The header and the update of each, written in one call.
        var pieces = new List<ReadOnlyMemory<byte>>(updates.Count * 2);
        long length = 0;
        foreach (ReadOnlyMemory<byte> update in updates)
        {
            pieces.Add(Header(update.Span));
            pieces.Add(update);
            length += HeaderLength + update.Length;
        }

        RandomAccess.Write(_file, pieces, Bytes);
        if (_durability == YjsDurability.Disk)
        {
            RandomAccess.FlushToDisk(_file);
        }

        Bytes += length;
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask ReplaceAsync(ReadOnlyMemory<byte> state, CancellationToken cancellationToken = default)
    {
        string replacement = _path + ReplacementExtension;
        SafeFileHandle file = File.OpenHandle(replacement, FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        try
        {
            RandomAccess.Write(file, [Magic.ToArray(), Header(state.Span), state], 0);
            // Else a power cut could leave the new name on an empty file.
            RandomAccess.FlushToDisk(file);
            File.Move(replacement, _path, overwrite: true);
            FlushFolder();
        }
        catch
        {
            file.Dispose();
            throw;
        }

        _file.Dispose();
        _file = file;
        Bytes = Magic.Length + HeaderLength + state.Length;
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (!_file.IsClosed)
        {
            RandomAccess.FlushToDisk(_file);
            _file.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    private static byte[] Header(ReadOnlySpan<byte> update)
    {
        byte[] header = new byte[HeaderLength];
        BinaryPrimitives.WriteInt32LittleEndian(header, update.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), Checksum(update));
        return header;
    }

    private static uint Checksum(ReadOnlySpan<byte> update)
    {
        uint checksum = BitOperations.Crc32C(uint.MaxValue, (uint)update.Length);
        foreach (ulong piece in MemoryMarshal.Cast<byte, ulong>(update))
        {
            checksum = BitOperations.Crc32C(checksum, piece);
        }

        foreach (byte rest in update[(update.Length & ~7)..])
        {
            checksum = BitOperations.Crc32C(checksum, rest);
        }

        return ~checksum;
    }

    // A name that is new is on the disk once its folder is.
    private void FlushFolder()
    {
        if (_durability == YjsDurability.Disk)
        {
            FolderFlush.Flush(Path.GetDirectoryName(_path)!);
        }
    }

    private byte[]? TryReadRecord(long position, long length)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        if (length - position < HeaderLength || !ReadExactly(header, position))
        {
            return null;
        }

        // The length is not trusted before the file is known to be as long.
        int updateLength = BinaryPrimitives.ReadInt32LittleEndian(header);
        if (updateLength < 0 || updateLength > length - position - HeaderLength)
        {
            return null;
        }

        byte[] update = GC.AllocateUninitializedArray<byte>(updateLength);
        return ReadExactly(update, position + HeaderLength) && Checksum(update) == BinaryPrimitives.ReadUInt32LittleEndian(header[4..])
            ? update
            : null;
    }

    private bool ReadExactly(Span<byte> buffer, long position)
    {
        while (!buffer.IsEmpty)
        {
            int read = RandomAccess.Read(_file, buffer, position);
            if (read == 0)
            {
                return false;
            }

            buffer = buffer[read..];
            position += read;
        }

        return true;
    }

    // Unreadable bytes are kept for inspection; those of a second time go behind the first.
    private void CutTail(long position, long length)
    {
        string damaged = _path + DamagedExtension;
        using (var copy = new FileStream(damaged, FileMode.Append, FileAccess.Write))
        {
            byte[] buffer = new byte[64 << 10];
            for (long at = position; at < length; )
            {
                int read = RandomAccess.Read(_file, buffer, at);
                copy.Write(buffer, 0, read);
                at += read;
                if (read == 0)
                {
                    break;
                }
            }

            copy.Flush(flushToDisk: true);
        }

        RandomAccess.SetLength(_file, position);
        TailCut(_path, length - position, position, damaged);
    }

    [LoggerMessage(
        1,
        LogLevel.Warning,
        "{File} was damaged behind byte {Position}: its last {Bytes} bytes were cut off, and stand in {Damaged}. Clients that have those edits send them again."
    )]
    private partial void TailCut(string file, long bytes, long position, string damaged);
}
