# The addresses of a workgroup's endpoint, which the provider does not show
# (hashicorp/terraform-provider-aws#39998), in a security group rule, and a
# sync of the target group whenever they change.

variable "workgroups" {
  description = "Every workgroup behind the load balancer."
  type        = list(string)
}

variable "target_group_arn" {
  type = string
}

data "external" "endpoint" {
  program = ["rs-endpoint-ips", "--external"]
  query   = { workgroups = jsonencode(var.workgroups) }
}

resource "terraform_data" "targets" {
  triggers_replace = [data.external.endpoint.result.ips, var.target_group_arn]

  # sh has no pipefail; the status of the last stage speaks for all.
  provisioner "local-exec" {
    command = "rs-lock acquire | rs-endpoint-ips $WORKGROUPS - | rs-nlb-sync --prune --target-group \"$GROUP\" | rs-lock release"
    environment = {
      WORKGROUPS = join(" ", var.workgroups)
      GROUP      = var.target_group_arn
    }
  }
}

output "endpoint_ips" {
  value = jsondecode(data.external.endpoint.result.ips)
}
