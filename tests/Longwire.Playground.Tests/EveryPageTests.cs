namespace Longwire.Playground.Tests;

/// <summary>The rules of every page: no error, nothing that axe finds serious, the keyboard alone, a phone's width, little motion.</summary>
public sealed class EveryPageTests(Playground playground)
{
    public static TheoryData<string> Pages => [.. PageVisits.All.Keys];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task It_is_in_order_in_the_light_in_the_dark_and_on_a_phone_and_the_keyboard_gets_everywhere(string path)
    {
        await using Visitor visitor = await playground.VisitAsync();
        IPage page = await visitor.OpenAsync(path);
        await PageVisits.All[path](page);
        foreach ((ColorScheme scheme, int width) in new[] { (ColorScheme.Dark, 1280), (ColorScheme.Light, 390), (ColorScheme.Light, 1280) })
        {
            await page.EmulateMediaAsync(new() { ColorScheme = scheme });
            await page.SetViewportSizeAsync(width, width < 500 ? 844 : 800);
            Assert.Empty(await Accessibility.FaultsOfAsync(page));
            int tooWide = await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
            Assert.True(tooWide <= 0, $"{path} is {tooWide} pixels wider than a window of {width}.");
            await KeepPictureAsync(page, $"{(path == "/" ? "landing" : path[1..])}-{scheme}-{width}");
        }

        Assert.Empty(await Accessibility.UnreachedControlsAsync(page));
        Assert.Equal(0, await page.EvaluateAsync<int>("document.getAnimations().length"));
        visitor.AssertNothingWentWrong();
        playground.Server.AssertNothingWentWrong();
    }

    private static async Task KeepPictureAsync(IPage page, string name)
    {
        Directory.CreateDirectory(Places.Pictures);
        byte[] picture = await page.ScreenshotAsync(new() { Path = Path.Combine(Places.Pictures, name + ".png"), FullPage = true });
        TestContext.Current.AddAttachment(name + ".png", picture, "image/png");
    }
}
