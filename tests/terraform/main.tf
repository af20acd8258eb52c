# A producer and two consumers behind a load balancer: what the sandbox has to
# be good for.  Applied, planned again (nothing to do) and destroyed by
# tests/sandbox.bats.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0"
    }
  }
}

variable "endpoint" {
  type = string
}

variable "base_capacity" {
  type    = number
  default = 8
}

provider "aws" {
  region                      = "us-west-2"
  skip_credentials_validation = true
  skip_metadata_api_check     = true

  endpoints {
    ec2                = var.endpoint
    elbv2              = var.endpoint
    iam                = var.endpoint
    redshiftserverless = var.endpoint
    sts                = var.endpoint
  }
}

locals {
  zones      = ["us-west-2a", "us-west-2b", "us-west-2c"]
  warehouses = toset(["producer", "consumer-1", "consumer-2"])
  consumers  = toset(["consumer-1", "consumer-2"])
}

resource "aws_vpc" "fleet" {
  cidr_block = "10.20.0.0/16"
  tags       = { Name = "fleet" }
}

resource "aws_subnet" "fleet" {
  count             = length(local.zones)
  vpc_id            = aws_vpc.fleet.id
  cidr_block        = cidrsubnet(aws_vpc.fleet.cidr_block, 8, count.index)
  availability_zone = local.zones[count.index]
}

resource "aws_security_group" "fleet" {
  name   = "fleet"
  vpc_id = aws_vpc.fleet.id

  ingress {
    from_port   = 5439
    to_port     = 5439
    protocol    = "tcp"
    cidr_blocks = [aws_vpc.fleet.cidr_block]
  }
}

resource "aws_iam_role" "fleet" {
  name = "fleet"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Action    = "sts:AssumeRole"
      Effect    = "Allow"
      Principal = { Service = "redshift-serverless.amazonaws.com" }
    }]
  })
}

resource "aws_redshiftserverless_namespace" "warehouse" {
  for_each       = local.warehouses
  namespace_name = each.key
  db_name        = "airline"
  iam_roles      = [aws_iam_role.fleet.arn]
  log_exports    = ["userlog", "connectionlog"]
  tags           = { fleet = "airline" }
}

resource "aws_redshiftserverless_workgroup" "warehouse" {
  for_each             = local.warehouses
  namespace_name       = aws_redshiftserverless_namespace.warehouse[each.key].namespace_name
  workgroup_name       = each.key
  base_capacity        = var.base_capacity
  enhanced_vpc_routing = true
  subnet_ids           = aws_subnet.fleet[*].id
  security_group_ids   = [aws_security_group.fleet.id]
  tags                 = { fleet = "airline" }
}

resource "aws_redshiftserverless_endpoint_access" "consumer" {
  for_each               = local.consumers
  endpoint_name          = "${each.key}-endpoint"
  workgroup_name         = aws_redshiftserverless_workgroup.warehouse[each.key].workgroup_name
  subnet_ids             = aws_subnet.fleet[*].id
  vpc_security_group_ids = [aws_security_group.fleet.id]
}

resource "aws_redshiftserverless_usage_limit" "consumer" {
  for_each      = local.consumers
  resource_arn  = aws_redshiftserverless_workgroup.warehouse[each.key].arn
  usage_type    = "serverless-compute"
  amount        = 60
  breach_action = "emit-metric"
}

resource "aws_lb" "fleet" {
  name               = "airline"
  internal           = true
  load_balancer_type = "network"
  subnets            = aws_subnet.fleet[*].id
}

resource "aws_lb_target_group" "fleet" {
  name                 = "airline-consumers"
  port                 = 5439
  protocol             = "TCP"
  target_type          = "ip"
  vpc_id               = aws_vpc.fleet.id
  deregistration_delay = 60

  health_check {
    protocol = "TCP"
    interval = 10
  }
}

resource "aws_lb_listener" "fleet" {
  load_balancer_arn = aws_lb.fleet.arn
  port              = 5439
  protocol          = "TCP"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.fleet.arn
  }
}

output "target_group_arn" {
  value = aws_lb_target_group.fleet.arn
}
