using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Weir.Contracts;

namespace Weir.Query.Tests;

/// <summary>The HTTP API over a real listener.</summary>
public sealed class PrometheusApiTests : IAsyncLifetime
{
    private MemoryReader _reader = null!;
    private WebApplication _app = null!;
    private HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _reader = new MemoryReader()
            .Add("x", "host=a", 1000, 1, 2, 3).Add("x", "host=b", 1000, double.NaN, double.PositiveInfinity, 0.1).Add("y", "odd=\"<b>\\", 1000, 5);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<ISeriesReader>(_reader);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(new QueryEngine(_reader, new QueryOptions { MaxSamples = 4 }));
        _app = builder.Build();
        _app.Urls.Add("http://127.0.0.1:0");
        _app.MapPrometheusApi();
        await _app.StartAsync(TestContext.Current.CancellationToken);
        _client = new HttpClient { BaseAddress = new Uri(_app.Urls.Single()) };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task Query_Vector_IsPrometheusJson()
    {
        (HttpStatusCode status, string body) = await GetAsync("query?query=x&time=2");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(
            """{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"x","host":"a"},"value":[2,"3"]},{"metric":{"__name__":"x","host":"b"},"value":[2,"0.1"]}]}}""",
            body);
    }

    [Fact]
    public async Task Query_WhatCannotBeRead_IsAWarning()
    {
        _reader.Gap = "part 7 of partition 1 (Missing)";
        foreach (string path in (string[])["query?query=x-x&time=2", "query_range?query=x{host=%22a%22}&start=0&end=2&step=1", "query?query=x{host=%22a%22}[2s]&time=2"])
        {
            (HttpStatusCode status, string body) = await GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.EndsWith(""","warnings":["the answer lacks samples: part 7 of partition 1 (Missing) cannot be read; \u0027weir store verify\u0027 names all damage"]}""", body, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("query?query=1%2B1&time=1.5", """{"resultType":"scalar","result":[1.5,"2"]}""")]
    [InlineData("query?query=%22text%22&time=1", """{"resultType":"string","result":[1,"text"]}""")]
    [InlineData("query?query=x{host=%22b%22}&time=1970-01-01T00:00:01Z", """{"resultType":"vector","result":[{"metric":{"__name__":"x","host":"b"},"value":[1,"+Inf"]}]}""")]
    [InlineData("query?query=x{host=%22b%22}&time=0", """{"resultType":"vector","result":[{"metric":{"__name__":"x","host":"b"},"value":[0,"NaN"]}]}""")]
    [InlineData("query?query=x{host=%22a%22}[2s]&time=2", """{"resultType":"matrix","result":[{"metric":{"__name__":"x","host":"a"},"values":[[1,"2"],[2,"3"]]}]}""")]
    [InlineData("query_range?query=x{host=%22a%22}&start=0&end=2&step=1s", """{"resultType":"matrix","result":[{"metric":{"__name__":"x","host":"a"},"values":[[0,"1"],[1,"2"],[2,"3"]]}]}""")]
    [InlineData("labels", """["__name__","host","odd"]""")]
    [InlineData("labels?match[]=y", """["__name__","odd"]""")]
    [InlineData("label/host/values", """["a","b"]""")]
    [InlineData("label/host/values?limit=1", """["a"]""")]
    [InlineData("series?match[]=x{host=%22a%22}&match[]=x", """[{"__name__":"x","host":"a"},{"__name__":"x","host":"b"}]""")]
    public async Task Get_Data_IsPrometheusJson(string path, string data)
    {
        (HttpStatusCode status, string body) = await GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal($$"""{"status":"success","data":{{data}}}""", body);
    }

    [Theory]
    [InlineData("query", 400, "bad_data")]
    [InlineData("query?query=x%7B", 400, "bad_data")]
    [InlineData("query?query=x&time=soon", 400, "bad_data")]
    [InlineData("query_range?query=x&start=0&end=1", 400, "bad_data")]
    [InlineData("query_range?query=x&start=1&end=0&step=1", 400, "bad_data")]
    [InlineData("query_range?query=x&start=0&end=1&step=0", 400, "bad_data")]
    [InlineData("query_range?query=x[5m]&start=0&end=1&step=1", 400, "bad_data")]
    [InlineData("query_range?query=x&start=0&end=99999999&step=1", 400, "bad_data")]
    [InlineData("query?query=topk(1,x)", 422, "execution")]
    [InlineData("query?query=x[1m]&time=2", 422, "execution")]
    [InlineData("series", 400, "bad_data")]
    [InlineData("series?match[]=sum(x)", 400, "bad_data")]
    public async Task Get_BadQuery_SaysWhatIsWrong(string path, int status, string type)
    {
        (HttpStatusCode code, string body) = await GetAsync(path);
        Assert.Equal(status, (int)code);
        using var json = JsonDocument.Parse(body);
        Assert.Equal("error", json.RootElement.GetProperty("status").GetString());
        Assert.Equal(type, json.RootElement.GetProperty("errorType").GetString());
        Assert.NotEmpty(json.RootElement.GetProperty("error").GetString()!);
    }

    [Fact]
    public async Task Post_Form_IsReadLikeAQueryString()
    {
        using var form = new FormUrlEncodedContent([new("query", "x{host=\"a\"}"), new("time", "2")]);
        using HttpResponseMessage response = await _client.PostAsync(new Uri("/api/v1/query", UriKind.Relative), form, TestContext.Current.CancellationToken);
        Assert.Contains("\"3\"", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Query_HostileLabelValue_ComesBackAsItWas()
    {
        (_, string body) = await GetAsync("query?query=y&time=0");
        using var json = JsonDocument.Parse(body);
        Assert.Equal("\"<b>\\", json.RootElement.GetProperty("data").GetProperty("result")[0].GetProperty("metric").GetProperty("odd").GetString());
        Assert.DoesNotContain("<b>", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Buildinfo_Features_AreEmpty()
    {
        (_, string body) = await GetAsync("status/buildinfo");
        using var json = JsonDocument.Parse(body);
        Assert.Empty(json.RootElement.GetProperty("data").GetProperty("features").EnumerateObject());
    }

    private async Task<(HttpStatusCode Status, string Body)> GetAsync(string path)
    {
        using HttpResponseMessage response = await _client.GetAsync(new Uri($"/api/v1/{path}", UriKind.Relative), TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
