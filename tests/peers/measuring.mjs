// Processor seconds of one call, measured for a while after it has warmed up.
const WARM = 0.3;

function spent(since) {
  const {user, system} = process.cpuUsage(since);
  return (user + system) / 1e6;
}

async function each(work, share) {
  let count = 0;
  const begin = process.cpuUsage();
  while(spent(begin) < share) {
    await work();
    count += 1;
  }
  return spent(begin) / count;
}

export async function measure(work, seconds) {
  await each(work, WARM);
  return each(work, seconds);
}
