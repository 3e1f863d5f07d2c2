using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Text;

namespace Longwire.Hubs.Client;

/// <summary>
/// An outbox's file: a log that is only appended to, and written anew when most of it is about what is settled. Records go straight to the
/// operating system.
/// </summary>
/// <remarks>
/// Layout: <c>LWOUTBX1</c>, then records. A record: 4 bytes length of what follows its header, 4 bytes CRC-32C of that, both little-endian;
/// then its kind and its fields. Texts have a 4-byte length before them. Kinds: 1 producer; 2 destination, owner; 3 added: id, target,
/// room, owner, message; 4 sending: id, 8 bytes milliseconds since 1970; 5 settled: id.
/// </remarks>
internal sealed class FileJournal : OutboxJournal
{
    private const int HeaderBytes = 8;

    // More than any record can have: a length beyond it is damage.
    private const int MaxRecordBytes = 64 << 20;

    // Bytes about settled entries are worth a rewrite beyond this.
    private const long RewriteBytes = 256 << 10;

    private readonly string _path;
    private readonly bool _flushToDisk;
    private readonly OrderedDictionary<string, OutboxEntry> _read = new(StringComparer.Ordinal);
    private readonly List<OutboxEntry> _entries = [];
    private FileStream _file;
    private string? _producer;
    private string? _destination;
    private string? _owner;
    private long _damaged;
    private long _needed; // bytes of records about what is not settled, when the file was last written anew

    public FileJournal(string path, bool flushToDisk)
    {
        _path = path;
        _flushToDisk = flushToDisk;
        _file = Open(path, FileMode.OpenOrCreate);
        try
        {
            Read();
            _entries.AddRange(_read.Values);
            _read.Clear();
            _needed = _file.Length;
            if (_producer is null)
            {
                _producer = NewProducer();
                Append(Record(1, _producer));
            }
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    private static ReadOnlySpan<byte> Magic => "LWOUTBX1"u8;

    public override string Producer => _producer!;

    public override string? Destination => _destination;

    public override IReadOnlyList<OutboxEntry> Entries => _entries;

    public override long DamagedBytes => _damaged;

    public override void Added(OutboxEntry entry) => Append(AddedRecord(entry));

    public override void Sending(OutboxEntry entry) => Append(SendingRecord(entry));

    public override void Settled(OutboxEntry entry, IEnumerable<OutboxEntry> left)
    {
        Append(Record(5, entry.Id));
        if (_file.Length > RewriteBytes && _file.Length > 4 * _needed)
        {
            Rewrite(left);
        }
    }

    public override void Owned(string destination, string owner)
    {
        if (destination != _destination || owner != _owner)
        {
            _destination = destination;
            _owner = owner;
            Append(Record(2, destination, owner));
        }
    }

    public override void Dispose() => _file.Dispose();

    private static FileStream Open(string path, FileMode mode) =>
        // No buffer: what is written is the system's at once.
        new(path, mode, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);

    private void Append(byte[] record)
    {
        long end = _file.Length;
        try
        {
            _file.Position = end;
            _file.Write(record);
            if (_flushToDisk)
            {
                _file.Flush(flushToDisk: true);
            }
        }
        catch (IOException)
        {
            // As on a full disk. Half a record would hide all that follows.
            _file.SetLength(end);
            throw;
        }
    }

    private void Rewrite(IEnumerable<OutboxEntry> left)
    {
        string path = _path + ".new";
        FileStream file = Open(path, FileMode.Create);
        file.Write(Magic);
        file.Write(Record(1, Producer));
        if (_destination is not null)
        {
            file.Write(Record(2, _destination, _owner!));
        }

        foreach (OutboxEntry entry in left)
        {
            file.Write(AddedRecord(entry));
            if (entry.FirstSent is not null)
            {
                file.Write(SendingRecord(entry));
            }
        }

        // The new file has the old one's name only once all of it is there.
        file.Flush(flushToDisk: true);
        File.Move(path, _path, overwrite: true);
        _file.Dispose();
        _file = file;
        _needed = file.Length;
    }

    private void Read()
    {
        byte[] bytes = new byte[_file.Length];
        _file.ReadExactly(bytes);
        if (bytes.Length < Magic.Length)
        {
            // New, or cut off as soon as it was made.
            if (!Magic.StartsWith(bytes))
            {
                throw NoOutbox();
            }

            _file.SetLength(0);
            _file.Write(Magic);
            return;
        }

        if (!bytes.AsSpan().StartsWith(Magic))
        {
            throw NoOutbox();
        }

        int position = Magic.Length;
        while (TryReadRecord(bytes.AsSpan(position), out int length))
        {
            position += length;
        }

        _damaged = bytes.Length - position;
        _file.SetLength(position);
    }

    private InvalidDataException NoOutbox() =>
        new($"'{_path}' is no outbox. It is left as it is: choose another file, or move this one away.");

    private bool TryReadRecord(ReadOnlySpan<byte> bytes, out int length)
    {
        length = 0;
        if (bytes.Length < HeaderBytes)
        {
            return false;
        }

        uint size = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (size is 0 or > MaxRecordBytes || size > bytes.Length - HeaderBytes)
        {
            return false;
        }

        ReadOnlySpan<byte> payload = bytes.Slice(HeaderBytes, (int)size);
        if (Checksum(payload) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) || !TryApply(payload))
        {
            return false;
        }

        length = HeaderBytes + (int)size;
        return true;
    }

    private bool TryApply(ReadOnlySpan<byte> record)
    {
        byte kind = record[0];
        ReadOnlySpan<byte> left = record[1..];
        if (!TryReadText(ref left, out string? first))
        {
            return false;
        }

        switch (kind)
        {
            case 1:
                _producer = first;
                return true;
            case 2 when TryReadText(ref left, out string? owner):
                _destination = first;
                _owner = owner;
                foreach (OutboxEntry entry in _read.Values)
                {
                    entry.Own(owner);
                }

                return true;
            case 3
                when TryReadText(ref left, out string? target)
                    && TryReadText(ref left, out string? room)
                    && TryReadText(ref left, out string? ofWhom)
                    && !_read.ContainsKey(first):
                _read.Add(
                    first,
                    new OutboxEntry(first, target, room.Length == 0 ? null : room, left.ToArray())
                    {
                        Owner = ofWhom.Length == 0 ? null : ofWhom,
                    }
                );
                return true;
            case 4 when left.Length == sizeof(long) && _read.TryGetValue(first, out OutboxEntry? sent):
                sent.FirstSent = DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64LittleEndian(left));
                sent.Receipt.OnSent();
                return true;
            case 5:
                _read.Remove(first);
                return true;
            default:
                return false;
        }
    }

    private static bool TryReadText(ref ReadOnlySpan<byte> source, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (source.Length < sizeof(int))
        {
            return false;
        }

        int length = BinaryPrimitives.ReadInt32LittleEndian(source);
        if (length < 0 || length > source.Length - sizeof(int))
        {
            return false;
        }

        text = Encoding.UTF8.GetString(source.Slice(sizeof(int), length));
        source = source[(sizeof(int) + length)..];
        return true;
    }

    private static byte[] AddedRecord(OutboxEntry entry) =>
        Record(3, entry.Json, entry.Id, entry.Target, entry.Room ?? "", entry.Owner ?? "");

    private static byte[] SendingRecord(OutboxEntry entry)
    {
        byte[] time = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(time, entry.FirstSent!.Value.ToUnixTimeMilliseconds());
        return Record(4, time, entry.Id);
    }

    private static byte[] Record(byte kind, params ReadOnlySpan<string> texts) => Record(kind, [], texts);

    private static byte[] Record(byte kind, byte[] tail, params ReadOnlySpan<string> texts)
    {
        int size = 1 + tail.Length;
        foreach (string text in texts)
        {
            size += sizeof(int) + Encoding.UTF8.GetByteCount(text);
        }

        byte[] record = new byte[HeaderBytes + size];
        record[HeaderBytes] = kind;
        int position = HeaderBytes + 1;
        foreach (string text in texts)
        {
            int length = Encoding.UTF8.GetBytes(text, record.AsSpan(position + sizeof(int)));
            BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(position), length);
            position += sizeof(int) + length;
        }

        tail.CopyTo(record, position);
        BinaryPrimitives.WriteUInt32LittleEndian(record, (uint)size);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(4), Checksum(record.AsSpan(HeaderBytes)));
        return record;
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint checksum = uint.MaxValue;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            checksum = BitOperations.Crc32C(checksum, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (byte last in bytes)
        {
            checksum = BitOperations.Crc32C(checksum, last);
        }

        return ~checksum;
    }
}
