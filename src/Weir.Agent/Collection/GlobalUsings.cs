global using Microsoft.Extensions.Logging;
global using Weir.Agent.Collection;
global using Weir.Frames;
