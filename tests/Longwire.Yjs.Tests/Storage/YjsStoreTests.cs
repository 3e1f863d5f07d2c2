namespace Longwire.Yjs.Tests;

/// <summary>The promises of every store.</summary>
public abstract class YjsStoreTests
{
    private protected abstract IYjsStore Open();

    [Fact]
    public async Task What_is_appended_is_read_by_whoever_opens_the_document_next()
    {
        IYjsStore store = Open();
        await using (IYjsDocumentLog log = await store.OpenAsync("doc"))
        {
            Assert.Empty(await log.ReadAsync());
            await log.AppendAsync([new byte[] { 1 }, new byte[] { 2, 2 }]);
            await log.AppendAsync([Array.Empty<byte>(), new byte[100_000]]);
            Assert.True(log.Bytes >= 100_003);
        }

        await using IYjsDocumentLog again = await Open().OpenAsync("doc");
        Assert.Equal<byte[]>(
            [
                [1],
                [2, 2],
                [],
                new byte[100_000],
            ],
            await again.ReadAsync()
        );
        Assert.True(again.Bytes >= 100_003);
    }

    [Fact]
    public async Task A_replacement_stands_in_the_place_of_all_that_was_and_more_goes_behind_it()
    {
        await using (IYjsDocumentLog log = await Open().OpenAsync("doc"))
        {
            await log.ReadAsync();
            await log.AppendAsync([new byte[1000], new byte[1000]]);
            await log.ReplaceAsync(new byte[] { 7 });
            Assert.True(log.Bytes < 1000);
            await log.AppendAsync([new byte[] { 8 }]);
            await log.ReplaceAsync(new byte[] { 9 });
            await log.AppendAsync([new byte[] { 10 }]);
        }

        await using IYjsDocumentLog again = await Open().OpenAsync("doc");
        Assert.Equal<byte[]>(
            [
                [9],
                [10],
            ],
            await again.ReadAsync()
        );
    }

    [Theory]
    [InlineData("doc", "Doc")]
    [InlineData("a/b", "a%2fb")]
    [InlineData("../up", "up")]
    [InlineData(".", "..")]
    [InlineData("\u00E9", "e\u0301")]
    [InlineData("a b", "a_b")]
    [InlineData("doc.yjs", "doc")]
    [InlineData("con", "nul")]
    public async Task No_two_names_share_a_document(string one, string other)
    {
        IYjsStore store = Open();
        await using IYjsDocumentLog first = await store.OpenAsync(one);
        await using IYjsDocumentLog second = await store.OpenAsync(other);
        await first.ReadAsync();
        await second.ReadAsync();
        await first.AppendAsync([new byte[] { 1 }]);
        await second.AppendAsync([new byte[] { 2 }]);
        await first.DisposeAsync();
        await using IYjsDocumentLog again = await store.OpenAsync(one);
        Assert.Equal<byte[]>(
            [
                [1],
            ],
            await again.ReadAsync()
        );
    }
}
