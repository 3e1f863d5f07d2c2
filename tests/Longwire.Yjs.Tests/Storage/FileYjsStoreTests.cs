using Longwire.Interop.Tests;

namespace Longwire.Yjs.Tests;

public sealed class FileYjsStoreTests : YjsStoreTests, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LogCollector _log = new();

    private string File => Assert.Single(Directory.GetFiles(_folder["documents"], "*.yjs"));

    public void Dispose() => _folder.Dispose();

    private protected override IYjsStore Open() => Open(YjsDurability.Process);

    [Fact]
    public async Task With_durability_of_the_disk_the_same_is_kept()
    {
        await using (IYjsDocumentLog log = await Open(YjsDurability.Disk).OpenAsync("doc"))
        {
            await log.ReadAsync();
            await log.AppendAsync([new byte[] { 1 }]);
            await log.ReplaceAsync(new byte[] { 2 });
            await log.AppendAsync([new byte[] { 3 }]);
        }

        await using IYjsDocumentLog again = await Open().OpenAsync("doc");
        Assert.Equal<byte[]>(
            [
                [2],
                [3],
            ],
            await again.ReadAsync()
        );
    }

    [Fact]
    public async Task A_tail_that_was_not_written_whole_is_cut_at_every_byte_and_told()
    {
        byte[] whole = await WriteAsync([1, 2, 3], [4, 5, 6, 7, 8, 9, 10, 11, 12]);
        int first = whole.Length - 8 - 9;
        for (int length = 0; length < whole.Length; length++)
        {
            await System.IO.File.WriteAllBytesAsync(File, whole[..length]);
            bool isCut = length != 0 && length != 8 && length != first;
            Assert.Equal<byte[]>(
                length < first
                    ? []
                    :
                    [
                        [1, 2, 3],
                    ],
                await ReadAndAppendAsync([7])
            );
            Assert.Equal<byte[]>(
                length < first
                    ?
                    [
                        [7],
                    ]
                    :
                    [
                        [1, 2, 3],
                        [7],
                    ],
                await ReadAsync()
            );
            Assert.Equal(isCut, _log.Lines.TryDequeue(out string? told));
            Assert.True(!isCut || told!.Contains(File, StringComparison.Ordinal), told);
        }
    }

    [Fact]
    public async Task Damage_in_a_record_cuts_it_and_what_is_cut_is_kept_beside_the_file()
    {
        byte[] whole = await WriteAsync([1, 2, 3], [4, 5, 6, 7, 8, 9, 10, 11, 12]);
        int first = whole.Length - 8 - 9;
        for (int at = first; at < whole.Length; at++)
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= 0x10;
            await System.IO.File.WriteAllBytesAsync(File, damaged);
            System.IO.File.Delete(File + FileDocumentLog.DamagedExtension);
            Assert.Equal<byte[]>(
                [
                    [1, 2, 3],
                ],
                await ReadAsync()
            );
            Assert.Equal(damaged[first..], await System.IO.File.ReadAllBytesAsync(File + FileDocumentLog.DamagedExtension));
        }
    }

    [Fact]
    public async Task A_tail_of_zeros_as_a_power_cut_leaves_it_is_cut()
    {
        byte[] whole = await WriteAsync([1, 2, 3]);
        await System.IO.File.WriteAllBytesAsync(File, [.. whole, .. new byte[4096]]);
        Assert.Equal<byte[]>(
            [
                [1, 2, 3],
            ],
            await ReadAsync()
        );
        Assert.Equal(whole, await System.IO.File.ReadAllBytesAsync(File));
    }

    [Fact]
    public async Task A_replacement_that_was_not_finished_is_no_document()
    {
        await WriteAsync([1, 2, 3]);
        await System.IO.File.WriteAllBytesAsync(File + FileDocumentLog.ReplacementExtension, new byte[100]);
        Assert.Equal<byte[]>(
            [
                [1, 2, 3],
            ],
            await ReadAsync()
        );
        Assert.False(System.IO.File.Exists(File + FileDocumentLog.ReplacementExtension));
    }

    [Fact]
    public async Task A_document_that_is_open_is_not_opened_again_also_after_it_was_replaced()
    {
        await using IYjsDocumentLog log = await Open().OpenAsync("doc");
        await log.ReadAsync();
        await Assert.ThrowsAsync<IOException>(async () => await Open().OpenAsync("doc"));
        await log.ReplaceAsync(new byte[] { 1 });
        await Assert.ThrowsAsync<IOException>(async () => await Open().OpenAsync("doc"));
        await log.AppendAsync([new byte[] { 2 }]);
        await log.DisposeAsync();
        Assert.Equal<byte[]>(
            [
                [1],
                [2],
            ],
            await ReadAsync()
        );
    }

    [Fact]
    public async Task A_name_that_is_too_long_for_a_file_is_an_error_that_says_so()
    {
        ArgumentException error = await Assert.ThrowsAsync<ArgumentException>(async () => await Open().OpenAsync(new string('é', 100)));
        Assert.Contains("600 bytes", error.Message, StringComparison.Ordinal);
    }

    private FileYjsStore Open(YjsDurability durability) =>
        new(_folder["documents"], durability, new Logger<FileYjsStore>(new LoggerFactory([_log])));

    private async Task<byte[]> WriteAsync(params byte[][] updates)
    {
        await using (IYjsDocumentLog log = await Open().OpenAsync("doc"))
        {
            await log.ReadAsync();
            await log.AppendAsync([.. updates.Select(update => new ReadOnlyMemory<byte>(update))]);
        }

        return await System.IO.File.ReadAllBytesAsync(File);
    }

    private async Task<IReadOnlyList<byte[]>> ReadAsync()
    {
        await using IYjsDocumentLog log = await Open().OpenAsync("doc");
        return await log.ReadAsync();
    }

    private async Task<IReadOnlyList<byte[]>> ReadAndAppendAsync(byte[] update)
    {
        await using IYjsDocumentLog log = await Open().OpenAsync("doc");
        IReadOnlyList<byte[]> updates = await log.ReadAsync();
        await log.AppendAsync([update]);
        return updates;
    }
}
