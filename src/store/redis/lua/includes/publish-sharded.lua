-- As publish, for a cluster: the news stays on the node that owns the channel's slot.
local function publish(channel, text)
  redis.call('SPUBLISH', channel, text)
end
