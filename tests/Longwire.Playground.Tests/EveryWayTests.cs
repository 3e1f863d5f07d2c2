namespace Longwire.Playground.Tests;

/// <summary>Every page does what it is for on each transport and behind a proxy.</summary>
public sealed class EveryWayTests(Playground playground)
{
    [Theory]
    [InlineData("Epoll")]
    [InlineData("Kestrel")]
    public async Task Every_page_works_over(string transport)
    {
        using var data = new TemporaryFolder();
        await using LongwireServer server = await LongwireServer.StartOnFreePortAsync("--transport", transport, "--data", data.Path);
        await VisitAllAsync(server.Http + "/");
        server.AssertNothingWentWrong();
    }

    [Fact]
    public async Task Every_page_works_under_a_path_of_nginx()
    {
        await using NginxProxy nginx = await NginxProxy.StartAsync(playground.Server.Port);
        await VisitAllAsync("http" + nginx.Address["ws".Length..] + "pages/");
        playground.Server.AssertNothingWentWrong();
    }

    private async Task VisitAllAsync(string address)
    {
        await using Visitor visitor = await playground.VisitAsync(options => options.BaseURL = address);
        foreach ((string path, Func<IPage, Task> comeToLife) in PageVisits.All)
        {
            IPage page = await visitor.OpenAsync(path == "/" ? "./" : path[1..]);
            await comeToLife(page);
            await page.CloseAsync();
        }

        visitor.AssertNothingWentWrong();
    }
}
