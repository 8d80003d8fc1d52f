using Microsoft.Playwright;

namespace Weir.Scenarios.Browser;

/// <summary>The console in a real browser over a real <c>weir up</c> that measures this machine.</summary>
public sealed class ConsoleBrowserTests : IAsyncLifetime
{
    private static readonly string[] Browsers = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private readonly string _work = Directory.CreateTempSubdirectory("weir-browser-").FullName;
    private readonly List<string> _problems = [];
    private WeirProcess? _weir;
    private IPlaywright? _playwright;
    private IBrowserContext? _context;

    public async ValueTask InitializeAsync()
    {
        string? browser = Array.Find(Browsers, File.Exists);
        Assert.SkipWhen(browser is null, "no Chromium is installed: apt-get install chromium");
        _weir = await WeirProcess.UpAsync(WeirProcess.FindDll(), new WeirUp { DataDirectory = Path.Combine(_work, "data") }, TestContext.Current.CancellationToken);
        _playwright = await Playwright.CreateAsync();
        _context = await _playwright.Chromium.LaunchPersistentContextAsync(Path.Combine(_work, "profile"), new BrowserTypeLaunchPersistentContextOptions
        {
            ExecutablePath = browser,
            Headless = true,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
            ColorScheme = ColorScheme.Light,
            ViewportSize = new ViewportSize { Width = 1280, Height = 900 },
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_context is not null) await _context.DisposeAsync();
        _playwright?.Dispose();
        if (_weir is not null) await _weir.DisposeAsync();
        Directory.Delete(_work, recursive: true);
    }

    [Fact]
    public async Task Fleet_and_host_pages_are_alive_switch_theme_and_report_no_error()
    {
        IPage page = await _context!.NewPageAsync();
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") _problems.Add(message.Text);
        };
        page.PageError += (_, error) => _problems.Add(error);
        page.Response += (_, response) =>
        {
            if (response.Status >= 400) _problems.Add($"{response.Status} {response.Url}");
        };

        await page.GotoAsync(_weir!.Http.ToString());
        ILocator link = page.Locator("table.hosts tbody th a");
        await Assertions.Expect(link).ToHaveCountAsync(1, new() { Timeout = 20_000 });
        await Assertions.Expect(page.Locator("table.hosts tbody td").First).ToContainTextAsync("up");

        await link.ClickAsync();
        await Assertions.Expect(page.Locator("#state-text")).ToHaveTextAsync("up");
        await Assertions.Expect(page.Locator(".chart canvas")).Not.ToHaveCountAsync(0);
        await Assertions.Expect(page.Locator("#uptime")).ToContainTextAsync("up");
        await Assertions.Expect(page.Locator("#filesystems tbody tr")).Not.ToHaveCountAsync(0, new() { Timeout = 40_000 });

        // What a chart says to those who cannot see it follows the values.
        ILocator memory = page.Locator(".chart", new() { HasText = "Memory" }).Locator(".plot");
        await Assertions.Expect(memory).ToHaveAttributeAsync("aria-label", new System.Text.RegularExpressions.Regex("used .*B"));
        ILocator cpu = page.Locator(".chart", new() { HasText = "CPU per core" }).Locator(".plot");
        string before = await cpu.GetAttributeAsync("aria-label") ?? "";
        await Assertions.Expect(cpu).Not.ToHaveAttributeAsync("aria-label", before, new() { Timeout = 20_000 });

        string light = await BackgroundAsync(page);
        await page.Locator("#theme-button").ClickAsync();
        Assert.NotEqual(light, await BackgroundAsync(page));
        await page.ReloadAsync();
        Assert.NotEqual(light, await BackgroundAsync(page));

        await page.Keyboard.PressAsync("p");
        await Assertions.Expect(page.Locator("#pause")).ToHaveAttributeAsync("aria-pressed", "true");
        await page.Keyboard.PressAsync("?");
        await Assertions.Expect(page.Locator("#shortcuts")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await page.Locator(".range[data-range='15m']").ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("range=15m"));
        await page.Locator(".chart button").First.ClickAsync();
        await Assertions.Expect(page.Locator(".chart .values table").First).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("/");
        await Assertions.Expect(page.Locator("#search")).ToBeVisibleAsync();
        Assert.Empty(_problems);
    }

    private static Task<string> BackgroundAsync(IPage page) => page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
}
