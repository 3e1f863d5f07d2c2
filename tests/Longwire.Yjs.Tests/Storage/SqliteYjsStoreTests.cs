using Longwire.Interop.Tests;
using Longwire.Yjs.Sqlite;

namespace Longwire.Yjs.Tests;

public sealed class SqliteYjsStoreTests : YjsStoreTests, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<SqliteYjsStore> _stores = [];

    public void Dispose()
    {
        _stores.ForEach(static store => store.Dispose());
        _folder.Dispose();
    }

    private protected override IYjsStore Open()
    {
        var store = new SqliteYjsStore(_folder["documents.db"], _stores.Count == 0 ? YjsDurability.Disk : YjsDurability.Process);
        _stores.Add(store);
        return store;
    }

    [Fact]
    public async Task Documents_come_back_when_the_server_does()
    {
        byte[] written;
        await using (YjsServer server = await YjsServer.StartAsync(ServerTransport.Kestrel, options => options.Store = Open()))
        {
            await using YjsPeer ann = await server.JoinAsync();
            ann.Write(Edits.Insert(1, 0, "kept"));
            await ann.WaitForAsync(static message => message.AsSpan().IndexOf("kept"u8) > 0, "the echo");
            written = ann.State;
        }

        await using YjsServer again = await YjsServer.StartAsync(ServerTransport.Kestrel, options => options.Store = Open());
        await using YjsPeer bob = await again.JoinAsync();
        await bob.HasAsync(written);
    }
}
