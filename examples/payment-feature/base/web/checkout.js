export async function placeOrder(totalCents) {
  const answer = await fetch("/orders", { method: "POST", body: JSON.stringify({ total_cents: totalCents }) });
  return answer.json();
}
